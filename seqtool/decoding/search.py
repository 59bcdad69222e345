"""The way into search: the plan says how, the requests what single sentences must have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from seqtool.decoding.beam import search_beams
from seqtool.decoding.constrained import search_constrained
from seqtool.decoding.glossary import make_phrases
from seqtool.decoding.greedy import follow
from seqtool.decoding.hypothesis import Hypothesis
from seqtool.decoding.ngrams import has_loop
from seqtool.decoding.plan import Requests, SearchPlan
from seqtool.decoding.rules import limit_words, make_rules
from seqtool.decoding.sample import search_samples
from seqtool.decoding.stepper import Ints, State, Stepper

_NOTHING = Requests()


def search(
    stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, plan: SearchPlan, requests: Requests = _NOTHING
) -> list[list[Hypothesis]]:
    """Up to `n_best` hypotheses, best first and at least one, for each sentence of `src_ids` `(B, S)`; `src_lengths` `(B,)` count the eos.

    What a sentence gets does not depend on the others. Where the least lengths and the n-grams that may not repeat leave a sentence
    nothing to say (a tiny vocabulary), it is searched again without these. Raises `ValueError` for requests that do not fit the batch, for
    phrases together with sampling or groups, and for limits on words without `requests.words`.
    """
    if not len(src_ids):
        return []
    results = _search(stepper, src_ids, src_lengths, plan, requests)
    empty = np.flatnonzero([not found for found in results])
    if len(empty):
        free = replace(
            plan, no_repeat_ngram_size=0, limit=replace(plan.limit, min_length=0, min_ratio=0.0, min_words=0)
        )
        _fill(results, empty, _search(stepper, src_ids[empty], src_lengths[empty], free, requests.of(empty)))
    return results


def in_circles(results: Sequence[Sequence[Hypothesis]]) -> list[int]:
    """The sentences whose best hypothesis has a loop. Searched again with n-grams of 3 blocked it has none that `has_loop` sees."""
    return [place for place, found in enumerate(results) if found and has_loop(found[0].tokens)]


def _search(
    stepper: Stepper[State], src_ids: Ints, src_lengths: Ints, plan: SearchPlan, requests: Requests
) -> list[list[Hypothesis]]:
    requests = requests.checked(len(src_ids))
    rules = make_rules(
        plan.limit,
        src_lengths,
        no_repeat_ngram_size=plan.no_repeat_ngram_size,
        prefixes=requests.prefixes,
        phrase_tokens=requests.phrase_tokens,
    )
    words = limit_words(plan.limit, requests.words, len(src_ids), requests.prefixes, requests.phrases, requests.own)
    rules = replace(rules, words=words, never=requests.never)
    if requests.phrases is not None and requests.has_phrases:
        if plan.sampling is not None or plan.diversity.groups > 1:
            raise ValueError("phrases need a plain beam; search without sampling and with one group")
        wanted = make_phrases(requests.phrases, requests.inside)
        return search_constrained(stepper, src_ids, src_lengths, plan, rules, wanted)
    if plan.sampling is not None:
        numbers = np.arange(len(src_ids)) if requests.numbers is None else requests.numbers
        return search_samples(stepper, src_ids, src_lengths, plan, rules, numbers)
    if plan.width == 1:
        return follow(stepper, src_ids, src_lengths, plan, rules)
    return search_beams(stepper, src_ids, src_lengths, plan, rules)


def _fill(results: list[list[Hypothesis]], places: Ints, found: Sequence[list[Hypothesis]]) -> None:
    for place, one in zip(places.tolist(), found, strict=True):
        results[place] = one
