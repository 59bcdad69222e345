"""Search over the `Stepper` protocol: NumPy only, and it knows neither torch nor the models.

Letters: B sentences, K hypotheses of a sentence, R rows (B x K, those of one sentence next to each other), S source length, C candidates of
a row, T tokens so far.
"""
