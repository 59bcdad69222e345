"""BLEU, chrF and TER: sacrebleu's numbers and sacrebleu's signatures.

Papineni et al. 2002, Popović 2015 and Snover et al. 2006, as implemented and made comparable by Post 2018.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

from seqtool.errors import ResourceError, UsageError
from seqtool.metrics.bootstrap import check_drawn, sacrebleu_seed
from seqtool.metrics.score import Score, Variant
from seqtool.metrics.words import unspaced_share

if TYPE_CHECKING:
    from sacrebleu.metrics.base import Metric
    from sacrebleu.metrics.bleu import BLEU

# Tokenizers that need a package, and the extra of sacrebleu that brings it.
_EXTRAS = {"ja-mecab": "ja", "ko-mecab": "ko"}
# These take what stands between spaces and marks for a word. With a larger share of letters of scripts without spaces, that is a clause.
_BY_SPACES = ("13a", "intl")
_MUCH_UNSPACED = 0.3


def score_with_sacrebleu(
    hyps: Sequence[str], refs: Sequence[Sequence[str]], name: str, *, bootstrap: int, seed: int, variant: Variant
) -> Score:
    """One of bleu, chrf, ter. Raises `UsageError` for an unknown tokenizer, `ResourceError` for one that cannot be had here."""
    metric = sacrebleu_metric(name, variant)
    check_drawn(bootstrap, len(hyps))
    with sacrebleu_seed(seed):
        found = metric.corpus_score(hyps, refs, n_bootstrap=bootstrap or 1)
    signature = str(metric.get_signature())
    low = high = None
    if bootstrap > 1:
        low, high = _interval(found.format(width=12, is_json=True, signature=signature), found.score, name)
    note = _note(refs, variant) if name == "bleu" else ""
    return Score(name, float(found.score), signature, low, high, note)


def without_spaces(texts: Sequence[str]) -> bool:
    """Whether much of these texts is of scripts without spaces, so that words between spaces are not what BLEU should count."""
    return unspaced_share(texts) > _MUCH_UNSPACED


def _note(refs: Sequence[Sequence[str]], variant: Variant) -> str:
    """A warning where the tokenizer finds hardly any words to compare."""
    if variant.tokenize not in _BY_SPACES or not without_spaces([line for lines in refs for line in lines]):
        return ""
    return (
        f"the references have no spaces between words, and BLEU's tokenizer {variant.tokenize} takes a clause for a word: "
        "use --tokenize zh, ja-mecab or char"
    )


def sacrebleu_metric(name: str, variant: Variant, *, by_line: bool = False) -> Metric:
    """The metric of a name; `by_line` is for single lines, where BLEU leaves out n-grams that are longer than the line."""
    from sacrebleu.metrics.chrf import CHRF
    from sacrebleu.metrics.ter import TER

    if name == "bleu":
        return _bleu(variant, by_line=by_line)
    return CHRF(lowercase=variant.lowercase) if name == "chrf" else TER()


def _bleu(variant: Variant, *, by_line: bool) -> BLEU:
    from sacrebleu.metrics.bleu import BLEU

    asked = variant.tokenize
    if asked not in BLEU.TOKENIZERS:
        near = get_close_matches(asked, list(BLEU.TOKENIZERS), n=1)
        hint = f"did you mean {near[0]}?" if near else f"sacrebleu's are {', '.join(BLEU.TOKENIZERS)}"
        raise UsageError("metrics.tokenizer", f"no tokenizer is called {asked!r}", hint)
    try:
        # `force` silences a warning on sacrebleu's own logger; `seqtool evaluate` says it instead.
        return BLEU(lowercase=variant.lowercase, tokenize=asked, force=True, effective_order=by_line)
    except (ImportError, RuntimeError, OSError, SystemExit) as error:
        # SystemExit: sacrebleu ends the process where a download is not what it should be.
        raise _unusable(asked, error) from error


def _unusable(tokenizer: str, error: BaseException) -> ResourceError:
    if tokenizer in _EXTRAS:
        message = f"tokenizer {tokenizer} needs packages that are not installed"
        return ResourceError("metrics.tokenizer", message, f"pip install 'sacrebleu[{_EXTRAS[tokenizer]}]'")
    reason = " ".join(str(error).split())
    hint = "sacrebleu fetches its model once, into ~/.sacrebleu/models, which needs the network; or use char"
    return ResourceError("metrics.tokenizer", f"tokenizer {tokenizer} cannot be had: {reason}", hint)


def _interval(described: str, value: float, name: str) -> tuple[float, float]:
    """The ends of sacrebleu's `mean ± half width`, as far as the metric reaches, with the value inside."""
    facts = json.loads(described)
    if "confidence_mean" not in facts:  # left out where the mean is zero
        return value, value
    mean, half = facts["confidence_mean"], facts["confidence_var"]
    top = math.inf if name == "ter" else max(100.0, value)
    # A symmetric interval about the samples' mean may miss the value itself or the end of the scale on a few lines of text.
    return max(0.0, min(mean - half, value)), min(top, max(mean + half, value))
