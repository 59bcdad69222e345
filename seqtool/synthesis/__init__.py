"""Corpora that a model writes: what a teacher says for a student to learn, and sources for text that has only a target side."""
