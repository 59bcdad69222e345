"""Generated pages of the documentation, each from the part of the code that it describes."""
