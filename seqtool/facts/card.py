"""The model card: what a model is for, what it was made from and how good it is, in Markdown beside its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from seqtool.facts.markdown import block, code
from seqtool.facts.record import CARD, CHECK, RECORD, ExportCheck, Scored, TrainingRecord, read_check, read_record
from seqtool.facts.scores import current_scores
from seqtool.facts.wording import architecture
from seqtool.model_dir import ModelDir, add_files

# What comes and goes with the card itself.
_OWN = (CARD, RECORD, CHECK)
_COMMANDS = {"translation": "translate", "summarization": "summarize"}


def write_card(opened: ModelDir, record: TrainingRecord, *, again: bool = False) -> bool:
    """Writes record and card into a model directory, unless they are there and say the same but for the time it took and the machine it was
    looked at on, and are not to be written `again`. Raises `ResourceError` and `ModelError`."""
    old = read_record(opened) if CARD in opened.files else None
    if not again and old is not None and _lasting(old) == _lasting(record):
        return False
    _write(opened, record)
    return True


def _write(opened: ModelDir, record: TrainingRecord) -> None:
    """With the scores on the test set that lie beside the run, if they are of this model."""
    noted = current_scores(opened.path.parent) if opened.path.name == "model" else None
    if noted is not None:
        record = record.model_copy(update={"test": noted.scores, "test_how": noted.how})
    unsaid = set() if record.test_how else {"test_how"}  # versions of seqtool that do not know it can read the others
    text = json.dumps(record.model_dump(exclude=unsaid), indent=1, ensure_ascii=False) + "\n"
    card = card_text(opened, record)
    add_files(opened, {RECORD: text.encode("utf-8", "replace"), CARD: card.encode("utf-8", "replace")})


def refresh_card(opened: ModelDir) -> None:
    """Writes the card again where there is a record: other files are in the directory now. Raises `ResourceError` and `ModelError`."""
    record = read_record(opened)
    if record is not None:
        _write(opened, record)


def _lasting(record: TrainingRecord) -> dict[str, Any]:
    return record.model_dump(
        exclude={"test", "test_how", "seconds", "versions", "processor", "cores", "device", "recipe"}
    )


def card_text(opened: ModelDir, record: TrainingRecord) -> str:
    """The card of a model directory."""
    task = opened.config.task
    what = "translation model" if task == "translation" else f"{task} model"
    between = f" ({code(record.languages)})" if record.languages else ""
    parts = [
        f"# A {what}{between}\n",
        f"Trained with seqtool {code(record.versions.get('seqtool', ''))}, which wrote this card. Every file here is in `manifest.json`",
        "with its size and SHA-256, and is checked before it is read.\n",
        "## What it does\n",
        _use(task),
        *(f"- {line}" for line in architecture(opened.config.model)),
        f"- {record.parameters:,} parameters; {_vocabulary(opened)}",
        f"- sources of up to {opened.config.max_src_tokens:,} tokens were seen in training\n",
        "## Limits\n",
        _limits(task),
        "## How to use it\n",
        block(_commands(task), "sh"),
        "\nin the directory above this one, or with `-m` and the path of this directory. `seqtool info -m model` shows the facts below.\n",
        *_data(record),
        *_scores(record, read_check(opened)),
        *_sizes(opened),
        *_training(record),
        "## Recipe\n",
        block(record.recipe, "yaml"),
    ]
    return "\n".join(parts) + "\n"


def _use(task: str) -> str:
    if task == "summarization":
        return "It writes a summary for a document: one document a line in, one summary a line out.\n"
    return "It translates text, a sentence a line, from the source language of its training data into the target language.\n"


def _limits(task: str) -> str:
    goal = "summaries" if task == "summarization" else "translations"
    return (
        f"- It is for text like its training data (below). On other text its {goal} may be fluent and wrong.\n"
        "- It may leave out, repeat or invent names, numbers and negations: have a person check what matters.\n"
        "- What its training data says of people, it may say too. Nobody has examined it for that.\n"
        "- The scores below hold for the named sets only.\n"
    )


def _commands(task: str) -> str:
    command = _COMMANDS.get(task, "translate")
    return f"seqtool {command} -m model < in.txt > out.txt\nseqtool evaluate -m model --src test.src --ref test.ref"


def _vocabulary(opened: ModelDir) -> str:
    both = opened.tokenizers
    if both.shared:
        return f"{both.src.vocab_size:,} pieces, shared by both sides"
    return f"{both.src.vocab_size:,} source pieces, {both.tgt.vocab_size:,} target pieces"


def _data(record: TrainingRecord) -> list[str]:
    lines = ["## Data\n"]
    for role, names in record.data.items():
        lines.append(f"- {code(role)}: {', '.join(map(code, names))}")
    ledger = record.ledger
    dropped = ledger.get("dropped", {})
    reasons = dropped if isinstance(dropped, dict) else {}
    shown = "".join(f", {count:,} {code(why)}" for why, count in reasons.items())
    lines.append(f"- training pairs: {ledger.get('read', 0):,} read, {ledger.get('kept', 0):,} kept{shown}")
    lines.append(f"- validation pairs: {record.valid_pairs:,}")
    return [*lines, f"- SHA-256 of content, limits and tokenizer: {code(record.data_hash)}\n"]


def _scores(record: TrainingRecord, check: ExportCheck | None) -> list[str]:
    lines = [
        "## Scores\n",
        f"On the validation set, at step {record.best_step:,}, chosen by {code(record.best_metric)}:\n",
    ]
    if record.loss is not None:
        lines.append(f"- loss {record.loss:.4f} nats a token")
    lines += _scored(record.scores)
    if check is not None and check.scores is not None:
        shown = ", ".join(f"{code(name)} {value:.2f}" for name, value in check.scores.items())
        lines.append(
            f"\nBLEU of its runtimes on the {check.lines:,} lines that `seqtool export` compared them on: {shown}"
        )
    if record.test:
        how = f" ({code(record.test_how)})" if record.test_how else ""
        return [*lines, f"\nOn the test set{how}:\n", *_scored(record.test), ""]
    absent = "\nNo score on a test set is recorded here; `seqtool evaluate` with `--src` and `--ref` computes one.\n"
    return [*lines, absent]


def _scored(scores: Mapping[str, Scored]) -> list[str]:
    return [f"- {code(name)} {one.value:.2f}, {code(one.signature)}" for name, one in scores.items()]


def _sizes(opened: ModelDir) -> list[str]:
    rows = [f"| {code(name)} | {path.stat().st_size:,} |" for name, path in opened.files.items() if name not in _OWN]
    return ["## Files\n", "| file | bytes |", "|---|---:|", *rows, ""]


def _training(record: TrainingRecord) -> list[str]:
    versions = ", ".join(f"{code(name)} {code(text)}" for name, text in record.versions.items())
    return [
        "## Training\n",
        f"- {record.step:,} optimizer steps in {record.seconds / 60:.1f} minutes; ended by: {code(record.reason)}",
        f"- on {code(record.device)}: {code(record.processor)}, {record.cores:,} cores",
        f"- seed {record.seed}",
        f"- versions: {versions}\n",
    ]
