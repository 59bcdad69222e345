#!/usr/bin/env bash
# A JSONL file of one's own, and no editor: from init to a score and a report. Run from the folder of a clone.
set -euo pipefail

# Where you have pairs.jsonl; here it is made of the sentences that come with seqtool.
paste <(head -1500 data/de-en/train.de) <(head -1500 data/de-en/train.en) |
  sed 's/\t/", "english": "/; s/^/{"german": "/; s/$/"}/' > pairs.jsonl

seqtool init pairs.jsonl
seqtool check recipe.yaml
# Few steps, to be quick: without what follows the recipe it trains until nothing gets better.
seqtool train recipe.yaml training.max_steps=30 training.metrics=[] training.export=false decoding.min_words=2
seqtool evaluate -m runs/pairs-de-en
seqtool report runs/pairs-de-en
grep -i '<html' runs/pairs-de-en/report.html > /dev/null
