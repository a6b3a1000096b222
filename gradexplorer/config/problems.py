"""Validation errors as sentences: what is wrong, where, and what would be right."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from gradexplorer.config.task import TASKS


class Problem(NamedTuple):
    """One thing wrong with an experiment: the key's path and a sentence about it."""

    where: tuple[str, ...]
    sentence: str

    def __str__(self) -> str:
        place = ".".join(_short(key if key.isprintable() else repr(key)) for key in self.where)
        return f"{place}: {self.sentence}" if place else self.sentence


def problems(error: ValidationError, root: type[BaseModel]) -> list[Problem]:
    """Return every problem that a validation found.

    Parameters
    ----------
    error : ValidationError
    root : type of BaseModel
        The model that was validated, to tell which keys exist.
    """
    return [_problem(details, root) for details in error.errors()]


def shown(value: Any) -> str:
    """Return a value as TOML writes it, or about so; never a long text."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, int) and abs(value) >= 10**40:  # Python may refuse to write it out
        return "a number of more than 40 digits"
    return _short(repr(value) if isinstance(value, str) else str(value).lower())


def _problem(details: ErrorDetails, root: type[BaseModel]) -> Problem:
    where = tuple(str(part) for part in details["loc"])
    if details["type"] == "union_tag_invalid":
        where = (*where, "name")
    if len(where) > 1 and where[0] == "task" and where[1] in TASKS:
        section: type[BaseModel] = TASKS[where[1]]
        where = ("task", *where[2:])
    else:
        section = _section(root, where[:-1])
    return Problem(where, _sentence(details, where, section))


def _section(root: type[BaseModel], path: tuple[str, ...]) -> type[BaseModel]:
    for name in path:
        info = root.model_fields.get(name)
        if info is None or not isinstance(info.annotation, type):
            return root
        if issubclass(info.annotation, BaseModel):
            root = info.annotation
    return root


def _sentence(details: ErrorDetails, where: tuple[str, ...], section: type[BaseModel]) -> str:
    kind, context = details["type"], details.get("ctx", {})
    given = shown(details["input"])
    if kind == "extra_forbidden":
        return _unknown(where[-1], section)
    if kind == "value_error":
        return f"{context['error']}."
    if kind in _LIMITS:
        return (
            f"{given} is given; it must be {_LIMITS[kind]} {_number(next(iter(context.values())))}."
        )
    if kind in ("literal_error", "union_tag_invalid"):
        choices = context.get("expected") or context["expected_tags"].replace(", ", " or ")
        tag = given if kind == "literal_error" else shown(context["tag"])
        return f"{tag} is given; it must be {choices}."
    if kind == "union_tag_not_found":
        return f"a name is missing; it must be one of {', '.join(map(repr, TASKS))}."
    if kind == "string_too_long":
        return f"the text is too long; it may have {context['max_length']:,} characters."
    if kind in _TYPES:
        return f"{given} is given; it must be {_TYPES[kind]}."
    return f"{details['msg'][0].lower()}{details['msg'][1:]}."


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:,.10g}"


_LIMITS = {
    "greater_than": "greater than",
    "greater_than_equal": "at least",
    "less_than_equal": "at most",
}
_TYPES = {
    "int_type": "a whole number",
    "float_type": "a number",
    "finite_number": "a finite number",
    "string_type": "a text",
    "model_type": "a table",
    "model_attributes_type": "a table",
    "int_parsing_size": "a smaller whole number",
}


def _unknown(key: str, section: type[BaseModel]) -> str:
    known = list(section.model_fields)
    near = get_close_matches(key, known, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(known)}."
    return f"there is no such setting; {hint}"


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
