"""The user's own data."""

from __future__ import annotations

from typing import ClassVar, Literal

from gradexplorer.config.fields import Ui, setting
from gradexplorer.config.tasks.task_section import TaskSection


class OwnSeriesTask(TaskSection):
    """A series from a file of the user's own: forecast the next row."""

    title: ClassVar[str] = "Your own series"

    name: Literal["own_series"] = "own_series"
    file: str = setting(
        "",
        "File",
        "A table with a row for each time: CSV, TSV and the like, or NumPy's npy or npz.",
        ui=Ui(files="Tables and arrays (*.csv *.tsv *.txt *.dat *.npy *.npz)"),
        max_length=1000,
    )
    sha256: str = setting(
        "",
        "Checksum",
        "SHA-256 of the file as it was understood; another file under its name is then refused. "
        "Empty: it is not checked.",
        max_length=64,
    )
    target: str = setting(
        "",
        "Target column",
        "The column whose next value is forecast. Empty: the last column of numbers.",
        ui=Ui(one_line=True),
        max_length=200,
    )
    inputs: str = setting(
        "",
        "Input columns",
        "The columns it is forecast from, separated by commas. Empty: the target alone.",
        ui=Ui(one_line=True),
        max_length=20_000,
    )
    time: str = setting(
        "",
        "Time column",
        "The column on the time axis, of dates or numbers; # counts the rows. Empty: the first "
        "column of dates, if there is one.",
        ui=Ui(one_line=True),
        max_length=200,
    )
    missing: Literal["refuse", "interpolate", "carry", "drop"] = setting(
        "refuse",
        "Missing values",
        "Refuse them, draw a straight line between their neighbours (which looks ahead), carry the "
        "last value forward, or drop their rows.",
        ui=Ui(
            labels={
                "refuse": "Refuse",
                "interpolate": "Interpolate",
                "carry": "Carry forward",
                "drop": "Drop rows",
            }
        ),
    )
    held_out: float = setting(
        0.2,
        "Held-out tail",
        "Share of the rows, the last, that is never trained on and whose forecast is shown.",
        ge=0.05,
        le=0.5,
    )
    delimiter: Literal["auto", "comma", "semicolon", "tab", "bar", "space"] = setting(
        "auto",
        "Delimiter",
        "What stands between the fields of a text; auto finds it out.",
        ui=Ui(labels={"auto": "Auto"}),
    )
    decimal: Literal["auto", "point", "comma"] = setting(
        "auto",
        "Decimal sign",
        "Whether a text writes 1.5 or 1,5; auto finds it out.",
        ui=Ui(labels={"auto": "Auto", "point": "1.5", "comma": "1,5"}),
    )
    header: Literal["auto", "yes", "no"] = setting(
        "auto",
        "Names in first row",
        "Whether the first row of a text names the columns; auto finds it out.",
        ui=Ui(labels={"auto": "Auto", "yes": "Yes", "no": "No"}),
    )
