"""Networks: tensors in, tensors out. No text, no files; only `build` reads the recipe's model section.

Letters in shape comments:

| letter | meaning |
|---|---|
| B | sentences in a batch |
| K | hypotheses of a sentence |
| R | rows: B x K hypotheses, those of one sentence next to each other |
| S | source length, T target length (tokens) |
| D | features |
| H | hidden units of a layer |
| A | inner size of an attention |
| V | vocabulary |
| N | real (not padding) target positions of a batch |
"""
