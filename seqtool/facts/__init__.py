"""What is known of a machine, a model or a run, for people: `seqtool info` and the model card. No torch."""
