#!/usr/bin/env bash
# A TSV file of one's own: a recipe of four lines, a look before training, a model, its score. Run from the folder of a clone.
set -euo pipefail

# Where you have pairs.tsv, source and target between tabs; here it is made of the sentences that come with seqtool.
paste <(head -1500 data/de-en/train.de) <(head -1500 data/de-en/train.en) > pairs.tsv
head -1300 pairs.tsv > train.tsv
sed -n 1301,1400p pairs.tsv > valid.tsv
tail -n +1401 pairs.tsv > test.tsv

cat > mine.yaml <<'YAML'
data:
  train: {tsv: train.tsv, src: 1, tgt: 2}
  valid: {tsv: valid.tsv, src: 1, tgt: 2}
  test: {tsv: test.tsv, src: 1, tgt: 2}
YAML

seqtool train mine.yaml --dry-run | grep '^train: 1,300 pairs'
# Few steps, to be quick: without what follows the recipe it trains until nothing gets better.
seqtool train mine.yaml model.preset=rnn-tiny training.max_steps=20 training.metrics=[] training.export=false decoding.min_words=2
seqtool evaluate -m runs/mine
head -3 test.tsv | cut -f 1 | seqtool translate -m runs/mine
