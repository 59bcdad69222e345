#!/usr/bin/env bash
# No data at all: the sentences that come with seqtool, from raw text to a score. Run from the folder of a clone.
set -euo pipefail

# A small model and few steps, to see it work in seconds, that has to say something all the same; without these it is what the README's
# quickstart trains.
quick=(
  model.embedding=48 model.encoder.hidden=32 model.decoder.hidden=48 tokenizer.vocab_size=800
  training.schedule.warmup_steps=5 training.max_steps=60 training.validate_every=60 training.batch_tokens=512 training.metrics=[]
  decoding.min_words=2
)

seqtool train recipes/quickstart.yaml "${quick[@]}"
seqtool translate -m runs/quickstart < data/de-en/test.de > test.out.en
test "$(wc -l < test.out.en)" = "$(wc -l < data/de-en/test.de)"
seqtool evaluate --ref data/de-en/test.en test.out.en
seqtool info -m runs/quickstart
grep '^## Limits' runs/quickstart/model/README.md
