"""Mixers: the part of a block that lets a position see others, by attention, convolution or recurrence."""
