"""Keys of stores are what they always were."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from seqtool.recipe.schema import CorpusSection
from seqtool.text.corpus import Corpus
from tests.text.preparing import prepare_in, write_corpus


def test_a_store_has_the_key_it_always_had(tmp_path: Path) -> None:
    """Otherwise a run could not be continued after an update."""
    write_corpus(tmp_path, train=60)
    store = prepare_in(tmp_path)

    def fingerprint(name: str) -> str:
        return Corpus(CorpusSection(src=f"{tmp_path / name}.de", tgt=f"{tmp_path / name}.en"), "train").fingerprint()

    meaning = {
        "format": 1,
        "train": fingerprint("train"),
        "valid": fingerprint("valid"),
        "limits": {"max_src": 100, "max_tgt": 100, "max_ratio": 9.0, "truncate_src": False},
        "tokenizer": {
            "kind": "unigram",
            "vocab_size": 60,
            "shared": True,
            "character_coverage": 1.0,
            "byte_fallback": False,
            "normalization": "nmt_nfkc",
            "sample_lines": 200_000,
        },
        "seed": 1,
    }
    assert store.key == hashlib.sha256(json.dumps(meaning, sort_keys=True).encode()).hexdigest()
