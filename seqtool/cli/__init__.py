"""The command line: the only place that prints. One file a command; heavy imports are inside the functions."""
