"""What cannot be combined, and the defaults that depend on the task.

`problems` is a pure function of a recipe whose keys and types are already right; the loader adds file, line and caret.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from seqtool.recipe.model_rules import initial_problems, model_problems
from seqtool.recipe.problem import Problem
from seqtool.recipe.resolve import resolved_model
from seqtool.recipe.schema import CorpusSection, DataSection, DecodingSection, Recipe, Truncate
from seqtool.recipe.synthesis_rules import synthesis_problems
from seqtool.recipe.training_rules import training_problems
from seqtool.recipe.training_schema import TrainingSection

FORMATS = ("tsv", "csv", "jsonl", "parquet", "hub", "folder")


@dataclass(frozen=True)
class CorpusLimits:
    """What a training pair may be, in tokens without bos and eos; `max_ratio` None means any. Where `truncate_src` a longer source is cut
    by the rule `truncate`; with `length_tokens` it begins with one of them, which counts."""

    max_src: int
    max_tgt: int
    max_ratio: float | None
    truncate_src: bool
    truncate: Truncate = "head"
    length_tokens: bool = False


def corpus_limits(task: str, data: DataSection) -> CorpusLimits:
    """The limits a recipe asks for, with the task's defaults where it is silent."""
    summarizing = task == "summarization"
    ratio = data.max_length_ratio if data.max_length_ratio is not None else (None if summarizing else 9.0)
    return CorpusLimits(
        max_src=data.max_src_tokens or (400 if summarizing else 100),
        max_tgt=data.max_tgt_tokens or 100,
        max_ratio=ratio,
        truncate_src=summarizing if data.truncate_src is None else data.truncate_src,
        truncate=data.truncate,
        length_tokens=data.length_tokens,
    )


def learnt_data(recipe: Recipe) -> DataSection:
    """What training reads: of data for a model that restores texts, the target sides alone."""
    if recipe.training.objective != "denoise":
        return recipe.data
    sections = {role: getattr(recipe.data, role) for role in ("train", "valid")}
    alone = {
        role: section.model_copy(update={"src": section.tgt, "tgt": None})
        for role, section in sections.items()
        if section.tgt is not None
    }
    return recipe.data.model_copy(update=alone)


def validation_metrics(task: str, training: TrainingSection) -> list[str]:
    """The scores computed at each validation, with the task's defaults where the recipe is silent."""
    default = ["rouge1", "rouge2", "rougeL"] if task == "summarization" else ["bleu", "chrf"]
    if training.objective == "denoise":
        default = []  # they would say how well it copies what is not damaged
    chosen: list[str] = default if training.metrics is None else list(training.metrics)
    if training.best_metric != "loss":
        chosen.append(training.best_metric)
    return list(dict.fromkeys(chosen))


def problems(recipe: Recipe) -> list[Problem]:
    """Everything in this recipe that cannot work together."""
    found: list[Problem] = []
    for role in ("train", "valid", "test"):
        section = getattr(recipe.data, role)
        if section is not None:
            alone = role != "test" and recipe.training.objective == "denoise"
            found.extend(_corpus_problems(section, f"data.{role}", alone=alone))
    if recipe.tokenizer.model == "":
        found.append(Problem(("tokenizer.model",), "an empty name", "write a name, or remove the key"))
    if recipe.run_dir == "":
        found.append(Problem(("run_dir",), "an empty name", "write a name, or remove the key"))
    found.extend(_truncation_problems(recipe))
    found.extend(_decoding_problems(recipe.decoding))
    found.extend(model_problems(recipe.model))
    recipe = recipe.model_copy(update={"model": resolved_model(recipe.model)})
    found.extend(initial_problems(recipe.model))
    found.extend(_position_problems(recipe))
    found.extend(_reach_problems(recipe))
    found.extend(_sharing_problems(recipe))
    found.extend(_drawing_problems(recipe))
    found.extend(training_problems(recipe.training, recipe.model))
    found.extend(synthesis_problems(recipe))
    return found


def _truncation_problems(recipe: Recipe) -> Iterator[Problem]:
    if recipe.data.truncate != "head" and not corpus_limits(recipe.task, recipe.data).truncate_src:
        yield Problem(
            ("data.truncate", "data.truncate_src", "task"),
            "it says what is kept of sources that are cut, and here longer ones are dropped",
            "set data.truncate_src: true, or remove truncate",
        )


def crossing_lengths(decoding: DecodingSection, longest: int) -> str:
    """Says that a source of `longest` tokens would have to have more tokens than it may have, by the ratios; empty where it is not so."""
    least = decoding.min_length_ratio * longest
    most = decoding.max_length_ratio * longest + decoding.max_length_extra
    if least <= most:
        return ""
    return f"a source of {longest} tokens would have at least {least:.0f} tokens and at most {most:.0f}"


def _decoding_problems(decoding: DecodingSection) -> Iterator[Problem]:
    if decoding.max_words is not None and decoding.min_words > decoding.max_words:
        yield Problem(
            ("decoding.min_words", "decoding.max_words"),
            f"at least {decoding.min_words} words and at most {decoding.max_words}",
            f"set min_words to {decoding.max_words} or less, or raise max_words",
        )
    if decoding.max_length is not None and decoding.min_length > decoding.max_length:
        yield Problem(
            ("decoding.min_length", "decoding.max_length"),
            f"at least {decoding.min_length} tokens and at most {decoding.max_length}",
            f"set min_length to {decoding.max_length} or less, or raise max_length",
        )


def _corpus_problems(section: CorpusSection, where: str, *, alone: bool) -> Iterator[Problem]:
    """What is wrong with one corpus; `alone`: its source may be all there is, and is then the target too."""
    formats = [name for name in FORMATS if getattr(section, name) is not None]
    if len(formats) > 1:
        keys = tuple(f"{where}.{name}" for name in formats)
        yield Problem(keys, f"{' and '.join(formats)} together: a corpus has one format", "keep one of them")
    for side in ("src", "tgt"):
        if getattr(section, side) is None and not (alone and side == "tgt"):
            what = "field" if formats else "file"
            yield Problem((where,), f"no {side}", f"name the {what} of this side: {side}: ...")
    for name in ("src", "tgt", *FORMATS):
        value = getattr(section, name)
        if value in ("", []) or (isinstance(value, list) and "" in value):
            yield Problem((f"{where}.{name}",), "an empty name", "write a name, or remove the key")
    if formats != ["tsv"]:
        for side in ("src", "tgt"):
            if isinstance(getattr(section, side), int):
                yield Problem(
                    (f"{where}.{side}",), "a column number without tsv", "numbers are columns of a tsv; write a name"
                )
    if formats and any(isinstance(getattr(section, side), list) for side in ("src", "tgt")):
        yield Problem((where,), f"a list of fields with {formats[0]}", "src and tgt each name one field here")
    if section.hub is None and section.folder is None and section.split is not None:
        yield Problem(
            (f"{where}.split",), "split without hub or folder", "remove it, or name the data set with hub: or folder:"
        )
    if section.hub is None:
        for name in ("config", "revision"):
            if getattr(section, name) is not None:
                yield Problem((f"{where}.{name}",), f"{name} without hub", "remove it, or name the data set with hub:")


def _position_problems(recipe: Recipe) -> Iterator[Problem]:
    """Learned positions end somewhere, and training pairs, or the chunks they are read in, must not go beyond."""
    model, limits = recipe.model, corpus_limits(recipe.task, recipe.data)
    sides = [("encoder", "src", limits.max_src), ("decoder", "tgt", limits.max_tgt)]
    chunk, count = model.encoder.chunk, model.encoder.max_positions
    if chunk is not None and count is not None and chunk <= limits.max_src:
        if count < chunk:
            yield Problem(
                ("model.encoder.max_positions", "model.encoder.chunk"),
                f"{count} positions for chunks of {chunk} tokens",
                f"set model.encoder.max_positions: {chunk}"
                + (f", or model.encoder.chunk: {count}" if count > 1 else ""),
            )
        sides = sides[1:]
    for name, side, tokens in sides:
        part = getattr(model, name)
        if part.positions == "learned" and part.max_positions < tokens + 1:
            yield Problem(
                (f"model.{name}.max_positions", f"data.max_{side}_tokens"),
                f"{part.max_positions} positions for pairs of up to {tokens} tokens and the end mark",
                f"set model.{name}.max_positions: {tokens + 1}"
                + (f", or data.max_{side}_tokens: {part.max_positions - 1}" if part.max_positions > 1 else ""),
            )


def _reach_problems(recipe: Recipe) -> Iterator[Problem]:
    """What goes beyond all there is to read or to write to, or asks an attention that is not there."""
    model, decoding, longest = recipe.model, recipe.decoding, corpus_limits(recipe.task, recipe.data).max_src
    if model.encoder.chunk is not None and model.encoder.chunk > longest:
        yield Problem(
            ("model.encoder.chunk", "data.max_src_tokens"),
            f"a chunk of {model.encoder.chunk} tokens holds any source: they have at most {longest}",
            f"set data.max_src_tokens above {model.encoder.chunk}, or a smaller chunk, or remove it",
        )
    crossing = crossing_lengths(decoding, longest)
    if crossing:
        yield Problem(
            ("decoding.min_length_ratio", "decoding.max_length_ratio", "decoding.max_length_extra"),
            crossing,
            "lower min_length_ratio, or raise max_length_ratio or max_length_extra",
        )
    room = None if model.decoder.max_positions is None else model.decoder.max_positions - 1
    for key in ("min_length", "max_length"):
        value = getattr(decoding, key)
        if room is not None and value is not None and value > room:
            yield Problem(
                (f"decoding.{key}", "model.decoder.max_positions"),
                f"{value} tokens, and the decoder learns {model.decoder.max_positions} positions, one of them for the end mark",
                f"set model.decoder.max_positions: {value + 1}, or {key} to {room} or less",
            )
    if decoding.coverage_penalty > 0 and model.attention.kind == "none":
        yield Problem(
            ("decoding.coverage_penalty", "model.attention.kind"),
            "it is about what the decoder left unread, and this model has no attention",
            "remove coverage_penalty, or choose an attention",
        )


def _drawing_problems(recipe: Recipe) -> Iterator[Problem]:
    """What an epoch is to draw anew, where there is nothing to draw."""
    training, tok = recipe.training, recipe.tokenizer
    if training.subword_sampling > 0 and tok.model is None and tok.kind in ("word", "char"):
        yield Problem(
            ("training.subword_sampling", "tokenizer.kind"),
            f"a tokenizer of kind {tok.kind} cuts a text in one way only",
            "use kind: unigram or bpe, or remove subword_sampling",
        )
    if training.objective == "denoise" and recipe.data.length_tokens:
        yield Problem(
            ("data.length_tokens", "training.objective"),
            "a text that is restored is as long as it was: there is no length to choose",
            "remove length_tokens, or train to translate",
        )
    if training.guided_alignment > 0 and recipe.data.length_tokens:
        yield Problem(
            ("training.guided_alignment", "data.length_tokens"),
            "words would be aligned with the token that says the length",
            "remove one of the two",
        )
    noise = training.noise
    if training.objective == "denoise" and not (noise.mask or noise.delete or noise.shuffle):
        yield Problem(
            ("training.noise", "training.objective"),
            "mask, delete and shuffle are all 0: without noise there is nothing to restore",
            "set one of them above 0",
        )


def _sharing_problems(recipe: Recipe) -> Iterator[Problem]:
    model, tie = recipe.model, recipe.model.tie
    if tie in ("source_target", "all") and not recipe.tokenizer.shared:
        yield Problem(
            ("model.tie", "tokenizer.shared"),
            f"tie: {tie} shares vectors between two different vocabularies",
            "set tokenizer.shared: true, or tie: target_output",
        )
    if model.pointer and not recipe.tokenizer.shared:
        yield Problem(
            ("model.pointer", "tokenizer.shared"),
            "a source token that is copied must be one of the target's, and these are two different vocabularies",
            "set tokenizer.shared: true, or pointer: false",
        )
    readout = model.decoder.readout
    if tie in ("target_output", "all") and readout is not None and readout != model.embedding:
        yield Problem(
            ("model.decoder.readout", "model.tie", "model.embedding"),
            f"features of {readout} meet output vectors of {model.embedding}, because tie: {tie} makes them the embeddings",
            "remove readout, or set it to model.embedding",
        )
