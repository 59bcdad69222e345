"""Train, ship and trust your own machine-translation or summarization model from the command line."""

__version__ = "0.1.0"
