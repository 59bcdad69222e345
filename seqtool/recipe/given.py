"""Which keys a person wrote, in a recipe whose defaults have been written out."""

from __future__ import annotations

from typing import TypeVar

from pydantic import BaseModel

Filled = TypeVar("Filled", bound=BaseModel)


def with_given(section: Filled, written: Filled) -> Filled:
    """The section, in which only what is set in `written` counts as set (`model_fields_set`): a default is nobody's choice."""
    values = {
        name: with_given(value, getattr(written, name)) if isinstance(value, BaseModel) else value
        for name, value in section
    }
    return section.model_construct(_fields_set=set(written.model_fields_set), **values)
