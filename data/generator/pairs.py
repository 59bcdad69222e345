"""The German-English corpus: drawing sentences, removing repetitions, splitting."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from . import coordinate_sentences as c
from . import fact_sentences as f
from . import infinitive_sentences as i
from . import lexicon
from . import property_sentences as p
from . import relative_sentences as r
from . import simple_sentences as s
from . import subordinate_sentences as u
from .maker import Maker, Pair, make_maker

SEED = 20240607
SIZES = {"train": 14000, "valid": 500, "test": 500}
MIN_WORDS, MAX_WORDS = 3, 26
# How often each pattern is drawn.
PATTERNS: tuple[tuple[Callable[[Maker], Pair], float], ...] = (
    (s.statement, 24), (s.modal, 8), (s.comment, 3), (s.object_first, 3), (s.yes_no, 5), (s.wh_adverb, 3),
    (s.wh_object, 3), (s.wh_subject, 2), (s.request, 4), (s.passive, 5), (s.since, 2.5),
    (u.because, 4), (u.although, 2), (u.condition, 2.5), (u.unreal, 1.5), (u.when_past, 2), (u.before_after, 2),
    (u.while_clause, 1.5), (u.that_clause, 5), (u.indirect_question, 2.5), (c.same_object, 3), (i.purpose, 2.5),
    (i.infinitive, 2.5), (i.bidding, 1.5), (i.judged, 1), (i.without_doing, 1), (c.chained, 1.5),
    (u.modal_because, 1.5), (u.feelings, 1.5), (s.tag_question, 1),
    (p.property_of, 3), (p.profession, 1.2), (p.comparison, 2.5), (p.superlative, 1.2), (f.price, 1.2),
    (f.price_question, 0.8), (p.age, 1), (f.birth, 1.2), (f.called, 0.5), (f.weather, 1), (f.existence, 1.2),
    (p.measure, 0.7), (f.duration, 0.5), (f.liking, 1.8), (f.body, 1.2), (f.feeling_cold, 0.5), (p.genitive, 1.5),
    (r.on_subject, 3), (r.on_object, 3.5), (r.which_is, 2),
)  # fmt: skip


def words(line: str) -> list[str]:
    """The words of a line, without punctuation marks."""
    return [word.strip(",.?!") for word in line.split()]


def draw(count: int) -> list[Pair]:
    """Distinct pairs; neither a German nor an English sentence comes twice."""
    maker = make_maker(lexicon.load(), SEED)
    german_seen: set[str] = set()
    english_seen: set[str] = set()
    pairs: list[Pair] = []
    while len(pairs) < count:
        german, english = maker.dice.weighted(PATTERNS)(maker)
        length = len(words(german))
        if not MIN_WORDS <= length <= MAX_WORDS or german in german_seen or english in english_seen:
            continue
        german_seen.add(german)
        english_seen.add(english)
        pairs.append((german, english))
    return pairs


def split(pairs: list[Pair]) -> dict[str, list[Pair]]:
    """train, valid and test; every word of valid and test is at least twice in train."""
    total = Counter(word for pair in pairs for line in pair for word in words(line))
    held_out_size = SIZES["valid"] + SIZES["test"]
    held_out: list[Pair] = []
    train: list[Pair] = []
    removed: Counter[str] = Counter()
    for pair in pairs:
        counts = Counter(word for line in pair for word in words(line))
        safe = all(total[word] - removed[word] - count >= 2 for word, count in counts.items())
        if len(held_out) < held_out_size and safe and len(words(pair[0])) >= 4:
            held_out.append(pair)
            removed += counts
        else:
            train.append(pair)
    return {"train": train, "valid": held_out[: SIZES["valid"]], "test": held_out[SIZES["valid"] :]}


def files() -> dict[str, bytes]:
    """The six files by name."""
    parts = split(draw(sum(SIZES.values())))
    contents: dict[str, bytes] = {}
    for name, pairs in parts.items():
        for index, language in enumerate(("de", "en")):
            text = "".join(pair[index] + "\n" for pair in pairs)
            contents[f"de-en/{name}.{language}"] = text.encode("utf-8")
    return contents
