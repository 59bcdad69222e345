#!/usr/bin/env bash
# Two systems on one test set: scores with signatures, intervals, and a threshold for a script. Run from the folder of a clone.
set -euo pipefail

if [ ! -e runs/quickstart/model ]; then
  seqtool train recipes/quickstart.yaml training.schedule.warmup_steps=5 training.max_steps=60 training.metrics=[] decoding.min_words=2
fi

# The same model searched in two ways.
head -100 data/de-en/test.de > test.de
head -100 data/de-en/test.en > test.en
seqtool translate -q -m runs/quickstart --beam-size 5 < test.de > beam.en
seqtool translate -q -m runs/quickstart --beam-size 1 < test.de > greedy.en

seqtool evaluate --ref test.en beam.en greedy.en --bootstrap 200
seqtool evaluate --ref test.en beam.en greedy.en --metrics bleu,chrf,ter --json > scores.json
grep -c signature scores.json

# Seven: the threshold was not met.
code=0
seqtool evaluate --ref test.en greedy.en --fail-under bleu=101 || code=$?
test "$code" = 7
