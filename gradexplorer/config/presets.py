"""Experiments as TOML files: the bundled ones and the user's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import tomli_w
from pydantic import ValidationError

from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.config.fields import Section, settings
from gradexplorer.config.problems import problems, shown
from gradexplorer.config.task import TASKS
from gradexplorer.config.tasks.memory import AddingTask
from gradexplorer.errors import InputError
from gradexplorer.files import read_text, write_text
from gradexplorer.paths import resource

SCHEMA = 1
MAX_BYTES = 64 * 1024
# The time and memory that tomllib needs grow with the square of a dotted key's length.
_MAX_DOTS = 640  # in a line, more than the longest text has characters
_MAX_PROBLEMS = 5


def preset_names() -> list[str]:
    """Return the bundled presets' names, in the order in which to meet them."""
    files = sorted(entry.name for entry in resource("presets").iterdir())
    return [_public(name) for name in files if name.endswith(".toml")]


def load_preset(name_or_path: str | Path, overrides: Iterable[str] = ()) -> ExperimentConfig:
    """Load an experiment.

    Parameters
    ----------
    name_or_path : str or Path
        A bundled preset's name (`preset_names`) or a TOML file.
    overrides : iterable of str
        ``"section.key=value"``, the value written as in TOML (``none`` for an absent
        one); a bare word is a text.

    Raises
    ------
    InputError
        There is no such preset, or it is not a valid experiment.
    """
    text, source, folder = _read(name_or_path)
    return parse_preset(text, source, overrides, folder)


def parse_preset(
    text: str, source: str, overrides: Iterable[str] = (), folder: Path | None = None
) -> ExperimentConfig:
    """Validate an experiment written in TOML; see `load_preset`.

    Parameters
    ----------
    text : str
    source : str
        What to call the text in an error, usually its file.
    overrides : iterable of str
    folder : Path, optional
        What the text's own relative paths are relative to; those of overrides are relative to the
        present folder. Without it paths stay as they are.

    Raises
    ------
    InputError
    """
    too_deep = f"{source} is not a preset: its values are nested too deeply."
    if any(line.count(".") > _MAX_DOTS for line in text.split("\n")):
        raise InputError(too_deep)
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{source} is not valid TOML: {_lower(str(error))}.") from error
    except ValueError as error:  # an integer of more digits than Python reads
        raise InputError(f"{source} is not a preset: it has a number that is too long.") from error
    except RecursionError as error:
        raise InputError(too_deep) from error
    _check_schema(data, source)
    data.setdefault("task", {"name": AddingTask().name})
    if folder is not None:
        _make_absolute(data, folder)
    for override in overrides:
        _override(data, override)
    if folder is not None:
        _make_absolute(data, Path())
    return experiment(data, source)


def experiment(data: dict[str, Any], source: str) -> ExperimentConfig:
    """Validate an experiment given as nested dictionaries; raises `InputError`."""
    try:
        return ExperimentConfig.model_validate(data)
    except ValidationError as error:
        found = problems(error, ExperimentConfig)
        sentences = [str(problem) for problem in found[:_MAX_PROBLEMS]]
        if len(found) > _MAX_PROBLEMS:
            sentences.append(f"and {len(found) - _MAX_PROBLEMS:,} more.")
        raise InputError(f"{source}: {' '.join(sentences)}") from error


def dump_preset(config: ExperimentConfig) -> str:
    """Return the TOML text of an experiment, every setting written out."""
    return _dump(config.model_dump(exclude_none=True))


def save_preset(config: ExperimentConfig, path: Path) -> None:
    """Write an experiment as TOML in one atomic replacement; raises `InputError`.

    The path of a file beside it or below is written relative to it, so that both can be moved.
    """
    data = config.model_dump(exclude_none=True)
    _make_relative(data, path.absolute().parent)
    write_text(path, _dump(data))


def _dump(data: dict[str, Any]) -> str:
    return tomli_w.dumps({"schema": SCHEMA, **data})


def _file_settings(data: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Yield each table that names a file, and the key under which it does."""
    for section, info in ExperimentConfig.model_fields.items():
        table, kind = data.get(section), info.annotation
        if not isinstance(table, dict):
            continue
        if section == "task":
            name = table.get("name")
            kind = TASKS.get(name) if isinstance(name, str) else None
        if isinstance(kind, type) and issubclass(kind, Section):
            names = [entry.name for entry in settings(kind) if entry.ui.files or entry.ui.folder]
            yield from ((table, name) for name in names if isinstance(table.get(name), str))


def _make_absolute(data: dict[str, Any], folder: Path) -> None:
    for table, name in _file_settings(data):
        if table[name]:
            table[name] = str(folder.absolute() / table[name])


def _make_relative(data: dict[str, Any], folder: Path) -> None:
    for table, name in _file_settings(data):
        if Path(table[name]).is_relative_to(folder):
            table[name] = Path(table[name]).relative_to(folder).as_posix()


def _read(name_or_path: str | Path) -> tuple[str, str, Path]:
    """Return the text, what to call it, and the folder of its relative paths."""
    name = str(name_or_path)
    for entry in resource("presets").iterdir():
        if entry.name.endswith(".toml") and _public(entry.name) == name:
            return entry.read_text("utf-8"), name, Path()
    path = Path(name_or_path)
    try:
        return read_text(path, MAX_BYTES), str(path), path.parent
    except InputError as error:
        missing = isinstance(error.__cause__, FileNotFoundError)
        if not missing or path.suffix == ".toml" or path.name != name:
            raise
    near = get_close_matches(name, preset_names(), n=1)
    hint = f"did you mean {near[0]}?" if near else "gradexplorer presets lists them."
    raise InputError(f"There is no preset and no file called {name}; {hint}")


def _public(filename: str) -> str:
    """Drop the number that orders the bundled files."""
    return filename.removesuffix(".toml").split("-", 1)[1]


def _check_schema(data: dict[str, Any], source: str) -> None:
    schema = data.pop("schema", None)
    if schema is None:
        raise InputError(f"{source} is not a preset: it has no line 'schema = {SCHEMA}'.")
    if type(schema) is not int or schema < 1:
        raise InputError(f"{source}: schema is {shown(schema)}; it must be {SCHEMA}.")
    if schema > SCHEMA:
        raise InputError(
            f"{source} was written by a newer gradexplorer (schema {shown(schema)}; this one reads "
            f"{SCHEMA}). Install the newest version to open it."
        )


def _override(data: dict[str, Any], override: str) -> None:
    path, equals, text = override.partition("=")
    keys = path.strip().split(".")
    if not equals or not all(keys):
        raise InputError(f"--set {override}: write it as section.key=value, e.g. model.cell=lstm.")
    table: Any = data
    for key in keys[:-1]:
        table = table.setdefault(key, {})
        if not isinstance(table, dict):
            raise InputError(f"--set {override}: {key} is not a table.")
    value = _value(text.strip())
    if keys == ["task", "name"] and table.get("name") != value:
        table.clear()  # another task has other settings
    if keys == ["task", "file"] and table.get("file") != value:
        table.pop("sha256", None)  # it is that of another file
    if value == "none":
        table.pop(keys[-1], None)
    else:
        table[keys[-1]] = value


def _value(text: str) -> Any:
    try:
        (value,) = tomllib.loads(f"value = {text}").values()
    except (ValueError, RecursionError):
        return text
    return value


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]
