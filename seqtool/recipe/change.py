"""Single settings changed after a recipe was read."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from seqtool.errors import UsageError
from seqtool.recipe.rules import crossing_lengths
from seqtool.recipe.schema import DecodingSection


def changed_decoding(section: DecodingSection, changes: Mapping[str, float | None], longest: int) -> DecodingSection:
    """The section with these keys changed; None leaves a key as it is. Raises `UsageError` for a value that a key cannot have, or that
    makes no sense for sources of up to `longest` tokens, naming the command line's option for it."""
    given = {name: value for name, value in changes.items() if value is not None}
    try:
        changed = DecodingSection.model_validate({**section.model_dump(), **given})
    except ValidationError as error:
        first = error.errors()[0]
        option = "-".join(map(str, first["loc"])).replace("_", "-").replace("ngram-size", "ngram")
        message = f"--{option} {first['input']}: {first['msg']}"
        raise UsageError("usage.range", message, "--help of the command shows all options") from error
    if changed.max_words is not None and changed.min_words > changed.max_words:
        option = "--min-words" if "min_words" in given else "--max-words"
        message = f"{option}: at least {changed.min_words} words and at most {changed.max_words}"
        raise UsageError(
            "usage.range", message, "give both --min-words and --max-words, the first not above the second"
        )
    lengths = given.keys() & {"min_length", "max_length"}  # what was not typed is not to blame
    if lengths and changed.max_length is not None and changed.min_length > changed.max_length:
        option = "--min-length" if "min_length" in given else "--max-length"
        message = f"{option}: at least {changed.min_length} tokens and at most {changed.max_length}"
        raise UsageError(
            "usage.range", message, "give both --min-length and --max-length, the first not above the second"
        )
    crossing = crossing_lengths(changed, longest) if given.keys() & {"min_length_ratio", "max_length_ratio"} else ""
    if crossing:
        option = "--min-length-ratio" if "min_length_ratio" in given else "--max-length-ratio"
        hint = "give both --min-length-ratio and --max-length-ratio, the first not above the second"
        raise UsageError("usage.range", f"{option}: {crossing}", hint)
    return changed
