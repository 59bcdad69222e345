"""Encoders: source ids -> `EncoderOutput`."""
