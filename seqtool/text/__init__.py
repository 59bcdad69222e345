"""Text in, token ids out: lines, corpora, tokenizers, and prepared ids on disk. No torch."""
