#!/usr/bin/env bash
# A run that is killed in the middle goes on by the same command, and ends with the same weights as one that nobody disturbed.
# Run from the folder of a clone.
set -euo pipefail

for side in de en; do
  head -400 "data/de-en/train.$side" > "train.$side"
  head -40 "data/de-en/valid.$side" > "valid.$side"
done
cat > mine.yaml <<'YAML'
data:
  train: {src: train.de, tgt: train.en}
  valid: {src: valid.de, tgt: valid.en}
model: {preset: rnn-tiny}
tokenizer: {vocab_size: 300}
training: {max_steps: 60, checkpoint_every: 5, validate_every: 20, batch_tokens: 256, metrics: [], export: false}
YAML

seqtool train mine.yaml run_dir=runs/undisturbed

seqtool train mine.yaml run_dir=runs/killed &
run=$!
until ls runs/killed/checkpoints/step-* > /dev/null 2>&1; do sleep 0.02; done
kill -9 "$run"
wait "$run" || test $? = 137
test ! -e runs/killed/result.json

# The same command again.
seqtool train mine.yaml run_dir=runs/killed 2> again.log
grep 'going on after step' again.log
cmp runs/undisturbed/model/weights.safetensors runs/killed/model/weights.safetensors
