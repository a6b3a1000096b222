"""The one error a user's input can cause."""

from __future__ import annotations

from pathlib import Path


class InputError(ValueError):
    """Something the user gave cannot be used; nothing was changed.

    Its text is one sentence, or a few, that a person can act on: what is wrong,
    where, and how to mend it. Every reader of a file, a preset or a setting
    raises this class and no other for bad input.
    """


def os_reason(error: OSError) -> str:
    """Return the operating system's own words for an error, without its number."""
    return (error.strerror or type(error).__name__).lower()


def cannot(verb: str, path: Path, error: OSError) -> InputError:
    """Return the error that says a file or folder could not be read, written or made."""
    return InputError(f"Cannot {verb} {path}: {os_reason(error)}.")
