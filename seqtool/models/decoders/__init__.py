"""Decoders: target so far and source memory -> features of the next token."""
