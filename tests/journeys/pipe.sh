#!/usr/bin/env bash
# A translator in a pipe: one line in, one line out, in order, and an exit code a script can rely on. Run from the folder of a clone.
set -euo pipefail

if [ ! -e runs/quickstart/model ]; then
  seqtool train recipes/quickstart.yaml training.schedule.warmup_steps=5 training.max_steps=60 training.metrics=[] decoding.min_words=2
fi
export SEQTOOL_MODEL=runs/quickstart

# Blank lines stay blank, and nothing gets lost.
printf 'Wo ist der Brief?\n\nDie Schwester kocht.\n' | seqtool translate -q > out.en
test "$(wc -l < out.en)" = 3
test -z "$(sed -n 2p out.en)"

# What a filter does: number the lines, translate the text, keep the number.
head -5 data/de-en/test.de | seqtool translate -q --format jsonl | grep -c '"line"'

# Whoever reads no further ends it quietly.
head -200 data/de-en/test.de | { seqtool translate -q || test $? = 141; } | head -1

# A mistake has a code of its own: 4, for a model that is not there.
code=0
echo Hallo | seqtool translate -m runs/nowhere || code=$?
test "$code" = 4
