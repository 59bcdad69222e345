"""Steppers: one file a runtime, imported only when it is used."""
