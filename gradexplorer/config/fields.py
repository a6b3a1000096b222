"""What a setting tells about itself: the one source of limits, units and help.

A form, the command line and error messages are all made from these.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field
from pydantic.fields import FieldInfo


class Section(BaseModel):
    """One table of an experiment: frozen, strict, finite, and closed to unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


def setting(default: Any, title: str, help: str, *, ui: Ui | None = None, **limits: Any) -> Any:
    """Declare a field of a `Section`.

    Parameters
    ----------
    default : Any
    title, help : str
        The name and the explanation a person reads.
    ui : Ui, optional
        What else a form wants to know.
    **limits
        ``ge``, ``gt``, ``le``, ``max_length`` and the like, as pydantic's ``Field`` takes them.
    """
    extra: dict[str, Any] = {"ui": vars(ui or Ui())}
    return Field(default, title=title, description=help, json_schema_extra=extra, **limits)


@dataclass(frozen=True)
class Ui:
    """What a form wants to know of a field beyond its type and limits.

    Parameters
    ----------
    unit : str
    live : bool
        Whether it may change while a run trains.
    none : str
        What the absence of a value (``None``) is called.
    labels : dict
        What each choice is called.
    when : dict
        Field -> the choices for which this one matters; of the same section, or of another
        as ``section.field``.
    also : dict
        Likewise: where all of these hold, the field matters whatever ``when`` says.
    random : bool
        Whether a person may want a fresh random value.
    files : str
        Of a text that is a file's path: which files, as a file dialog's filter says it.
    folder : bool
        Whether a text is a folder's path.
    one_line : bool
        Whether even a long text is one line.
    """

    unit: str = ""
    live: bool = False
    none: str = ""
    labels: dict[str, str] = field(default_factory=dict)
    when: dict[str, list[str]] = field(default_factory=dict)
    also: dict[str, list[str]] = field(default_factory=dict)
    random: bool = False
    files: str = ""
    folder: bool = False
    one_line: bool = False


@dataclass(frozen=True)
class Setting:
    """One field of a section, as whoever draws or explains it sees it.

    ``lower``, ``upper`` and ``max_length`` are the limits (``None``: there is none);
    ``lower_open`` says that the lower limit itself is excluded. ``choices`` is empty unless
    ``kind`` is a choice of words.
    """

    name: str
    title: str
    help: str
    default: Any
    kind: type
    optional: bool
    choices: tuple[str, ...]
    lower: float | None
    lower_open: bool
    upper: float | None
    max_length: int | None
    ui: Ui

    def label(self, choice: str) -> str:
        """Return what a choice is called."""
        return self.ui.labels.get(choice, choice)

    def text(self, value: Any) -> str:
        """Return a value as a person reads it."""
        if value is None:
            return self.ui.none or "none"
        if isinstance(value, float):
            return f"{value:g}"
        return self.label(value) if isinstance(value, str) else str(value)


def settings(section: type[BaseModel]) -> list[Setting]:
    """Return the section's fields in the order they are declared."""
    return [_setting(name, info) for name, info in section.model_fields.items()]


def _setting(name: str, info: FieldInfo) -> Setting:
    is_choice = get_origin(info.annotation) is Literal
    kinds = [] if is_choice else list(get_args(info.annotation) or (info.annotation,))
    limits = {key: value for entry in info.metadata for key, value in _limits(entry)}
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    ui: Any = extra.get("ui", {})
    return Setting(
        name=name,
        title=info.title or name,
        help=info.description or "",
        default=info.default,
        kind=str if is_choice else next(kind for kind in kinds if kind is not NoneType),
        optional=NoneType in kinds,
        choices=get_args(info.annotation) if is_choice else (),
        lower=limits.get("ge", limits.get("gt")),
        lower_open="gt" in limits,
        upper=limits.get("le"),
        max_length=limits.get("max_length"),
        ui=Ui(**ui),
    )


def _limits(entry: Any) -> list[tuple[str, Any]]:
    keys = ("ge", "gt", "le", "max_length")
    return [(key, getattr(entry, key)) for key in keys if hasattr(entry, key)]
