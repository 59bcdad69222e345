"""What is wrong with a corpus, before a model learns it: text in, findings out. NumPy, no torch."""
