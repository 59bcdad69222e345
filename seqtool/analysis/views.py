"""What a page shows of one run."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from seqtool.analysis.charts import Chart, Curve, bars, curves, histogram
from seqtool.analysis.judged import Judged
from seqtool.analysis.run_files import Trouble
from seqtool.analysis.run_record import RunRecord, is_number
from seqtool.analysis.settings import Setting, settings
from seqtool.text.prepared import Prepared, find_prepared

_WORST = 10
# Sample translations that are shown of one source: the first and the last ones, and those between, thinned out.
_MOST_SAMPLES = 12


@dataclass(frozen=True)
class SampleStory:
    """A source, its reference, and what the model made of it over time: the steps from which on it did, and the text."""

    src: str
    ref: str
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class MapFigure:
    """An output and its maps; `attention` is None where the model has none, else `scale` are the largest weights of its rows."""

    heading: str
    text: str
    log_prob: float
    attention: str | None
    saliency: str
    note: str = ""
    scale: str = ""


@dataclass(frozen=True)
class MapView:
    """A line and the maps of what was made of it, and of what should have been."""

    title: str
    src: str
    figures: tuple[MapFigure, ...]


@dataclass
class RunView:
    """All that is shown of a run. `number` is its colour."""

    number: int
    record: RunRecord
    name: str
    status: str
    facts: list[tuple[str, str]]
    settings: list[Setting]
    reproduce: list[tuple[str, str]]
    notes: list[Trouble] = field(default_factory=list)
    ledger: list[tuple[str, int]] = field(default_factory=list)
    lengths: Chart | None = None
    norms: Chart | None = None
    stories: list[SampleStory] = field(default_factory=list)
    judged: Judged | None = None
    by_length: Chart | None = None
    maps: list[MapView] = field(default_factory=list)

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return self.record.outcome is not None

    @property
    def worst(self) -> list[Any]:
        """The lines with the lowest scores."""
        return [] if self.judged is None else self.judged.worst[:_WORST]


def view_of(number: int, name: str, record: RunRecord) -> RunView:
    """What can be shown without asking the model anything."""
    prepared = _prepared(record)
    view = RunView(
        number=number,
        record=record,
        name=name,
        status=_status(record),
        facts=list(_facts(record)),
        settings=settings(record.recipe_text),
        reproduce=list(_reproduce(record)),
        ledger=_ledger(prepared, record),
        stories=stories(record),
    )
    view.norms = curves(
        f"n{number}",
        "Gradient norm by layer",
        [Curve(part, points, place, thin=True) for place, (part, points) in enumerate(record.part_norms().items())],
    )
    if prepared is not None:
        sides = {"source": prepared.train.src_lengths, "target": prepared.train.tgt_lengths}
        view.lengths = histogram(f"h{number}", "Lengths of the training pairs", sides)  # type: ignore[arg-type]
    view.notes.extend([*record.troubles, *_notes(record, prepared)])
    return view


def length_chart(number: int, judged: Judged) -> Chart:
    """The score by the length of the source."""
    main = next(iter(judged.scores))
    values = {main: [bucket.scores[main] for bucket in judged.buckets]}
    groups = [_range(bucket.shortest, bucket.longest) for bucket in judged.buckets]
    note = "by source tokens; " + ", ".join(f"{bucket.lines:,}" for bucket in judged.buckets) + " lines"
    return bars(f"l{number}", f"{score_name(judged, main)} by source length", groups, values, note)


def _range(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}–{high}"


def metric_name(name: str) -> str:
    """As people write it."""
    return {"bleu": "BLEU", "chrf": "chrF", "ter": "TER"}.get(name, name.replace("rouge", "ROUGE-"))


def score_name(judged: Judged, name: str) -> str:
    """As people write it, with what makes it another score than the usual one of that name."""
    return metric_name(name) + (" of characters" if name == "bleu" and judged.variant.tokenize == "char" else "")


def duration(seconds: float) -> str:
    """Such as `3 min 5 s`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:,} h {minutes} min" if hours else f"{minutes} min {rest} s" if minutes else f"{rest} s"


def _status(record: RunRecord) -> str:
    if record.outcome is not None:
        return f"finished: {record.outcome.get('reason', 'done')}"
    told = [line.partition(" ")[2] for line in record.log]
    last = next((line for line in reversed(told) if not line.startswith("hint: ")), "")
    return f"not finished; last step noted: {record.last_step:,}" + (f" ({last})" if last else "")


def _facts(record: RunRecord) -> Iterator[tuple[str, str]]:
    best = record.best
    if best is not None:
        for name in record.score_names():
            if is_number(best.get(name)):
                yield f"{metric_name(name)}, validation", f"{best[name]:.2f}"
        if is_number(best.get("perplexity")):
            yield "perplexity, validation", f"{best['perplexity']:.2f}"
        yield "best at step", f"{best['step']:,}"
    yield "steps", f"{record.last_step:,}"
    if record.seconds is not None:
        yield "training time", duration(record.seconds)
    parameters = _in_log(record, r"([\d,]+) parameters on \w+")
    if parameters:
        yield "parameters", parameters[1]


def _in_log(record: RunRecord, pattern: str) -> re.Match[str] | None:
    """The last such message."""
    found = (re.fullmatch(pattern, line.partition(" ")[2]) for line in reversed(record.log))
    return next(filter(None, found), None)


def _reproduce(record: RunRecord) -> Iterator[tuple[str, str]]:
    made = record.made
    yield "command", f"seqtool train {record.path / 'recipe.yaml'}"
    if record.recipe is not None:
        yield "seed", str(record.recipe.training.seed)
    if record.data_key:
        yield "data, limits and tokenizer (SHA-256)", record.data_key
    if record.weights_sha256:
        yield "weights (SHA-256)", record.weights_sha256
    versions = made.get("versions")
    if isinstance(versions, dict) and versions:
        yield "versions", ", ".join(f"{name} {number}" for name, number in versions.items())
    elif record.seqtool_version:
        yield "seqtool", record.seqtool_version
    machine = [str(made[key]) for key in ("processor", "cores", "device") if key in made]
    device = _in_log(record, r"[\d,]+ parameters on (\w+)")
    if machine:
        yield "machine", f"{machine[0]}, {' cores, '.join(machine[1:])}"
    elif device:
        yield "device", device[1]
    if record.seconds is not None:
        yield "training time", duration(record.seconds)


def _prepared(record: RunRecord) -> Prepared | None:
    if record.data_key is None:
        return None
    points = record.recipe is not None and record.recipe.model.pointer
    return find_prepared(record.path.resolve().parent, record.data_key, points=points)


def _ledger(prepared: Prepared | None, record: RunRecord) -> list[tuple[str, int]]:
    """Rows of counts."""
    if prepared is None:
        told = _in_log(record, r"training pairs: ([\d,]+) read, ([\d,]+) kept(?:: (.*))?")
        if told is None:
            return []
        dropped = re.findall(r"([\d,]+) ([^,;]+)", (told[3] or "").partition(";")[0])
        rows = [("read", told[1]), *((f"dropped: {reason}", count) for count, reason in dropped), ("kept", told[2])]
        return [(what, int(count.replace(",", ""))) for what, count in rows]
    ledger = prepared.ledger
    dropped_rows = sorted(ledger.dropped.items(), key=lambda item: (-item[1], item[0]))
    rows_ = [("read", ledger.read), *((f"dropped: {reason}", count) for reason, count in dropped_rows)]
    rows_ += [("kept", ledger.kept)]
    rows_ += [("of these, sources cut", ledger.cut)] if ledger.cut else []
    rows_ += [("of these, targets longer than their sources", ledger.longer)] if ledger.longer else []
    return [*rows_, ("for validation", len(prepared.valid))]


def _notes(record: RunRecord, prepared: Prepared | None) -> Iterator[Trouble]:
    skipped = [value for _, value in record.series("train", "skipped")]
    if skipped and skipped[-1]:
        text = f"{skipped[-1]:,.0f} steps were skipped because their gradients were no finite numbers."
        yield Trouble("curves", text)
    if prepared is None:
        yield Trouble("data", "The prepared data is not beside the run, so there are no lengths to show.")
    if not record.has_model:
        text = "There is no model yet: it is written at the first validation. Scores, worst lines and maps need one."
        yield Trouble("scores", text)


def stories(record: RunRecord) -> list[SampleStory]:
    """By source, what the model made of it from step to step; what stayed the same is told once."""
    by_source: dict[tuple[str, str], list[tuple[int, str]]] = {}
    for validation in record.samples:
        for src, ref, hyp in validation.samples:
            by_source.setdefault((src, ref), []).append((validation.step, hyp))
    return [SampleStory(src, ref, _told(seen)) for (src, ref), seen in by_source.items()]


def _told(seen: Sequence[tuple[int, str]]) -> tuple[tuple[str, str], ...]:
    groups: list[tuple[int, int, str]] = []
    for step, text in seen:
        if groups and groups[-1][2] == text:
            groups[-1] = (groups[-1][0], step, text)
        else:
            groups.append((step, step, text))
    if len(groups) > _MOST_SAMPLES:
        places = {round(place * (len(groups) - 1) / (_MOST_SAMPLES - 1)) for place in range(_MOST_SAMPLES)}
        groups = [groups[place] for place in sorted(places)]
    return tuple((_range_of(first, last), text) for first, last, text in groups)


def _range_of(first: int, last: int) -> str:
    return f"{first:,}" if first == last else f"{first:,}–{last:,}"


def run_names(records: Sequence[RunRecord]) -> list[str]:
    """Short names that tell runs apart."""
    short = [record.name for record in records]
    return [name if short.count(name) == 1 else str(one.path) for name, one in zip(short, records, strict=True)]
