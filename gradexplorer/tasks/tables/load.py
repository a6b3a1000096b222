"""Any file as a table, read once."""

from __future__ import annotations

from collections import OrderedDict
from pathlib import Path
from typing import NamedTuple

from gradexplorer.errors import InputError
from gradexplorer.tasks.tables.array_reader import read_array_table
from gradexplorer.tasks.tables.source import opened
from gradexplorer.tasks.tables.table import Layout, Table, Watch, unwatched
from gradexplorer.tasks.tables.text_reader import read_text_table

_KEPT = 3  # tables: that of the run, and what is looked at
_MAGIC = (b"\x93NUMPY", b"PK")


class _Entry(NamedTuple):
    stamp: tuple[int, int]
    table: Table


_known: OrderedDict[tuple[Path, Layout], _Entry] = OrderedDict()


def known_table(path: Path, layout: Layout, sha256: str = "") -> Table | None:
    """Return a table that was read before, if it is what would be read now.

    That is: the file has not been touched since, or this very content, told by its hash, is
    asked for.
    """
    entry = _known.get((path, layout))
    if entry is None:
        return None
    _known.move_to_end((path, layout))
    return entry.table if sha256 == entry.table.sha256 or entry.stamp == _stamp(path) else None


def load_table(path: Path, layout: Layout | None = None, watch: Watch = unwatched) -> Table:
    """Read a file, unless it was read and has not been touched since.

    Parameters
    ----------
    path : Path
        Text with delimiters, npy or npz; told by its content.
    layout : Layout, optional
        How a text is made up, as far as it is not to be found out.
    watch : callable
        Is told the share that is done; what it raises ends the reading.

    Raises
    ------
    InputError
        It cannot be understood; the sentence names the file, the line or array, and the mend.
    """
    layout = layout or Layout()
    entry = _known.get((path, layout))
    stamp = _stamp(path)
    if entry is not None and entry.stamp == stamp:
        return entry.table
    with opened(path) as file:
        start = file.read(6)
    is_array = start.startswith(_MAGIC)
    if path.suffix.lower() in (".npy", ".npz") and not is_array:
        raise InputError(f"{path} is not an {path.suffix.lower()[1:]} file; save it again.")
    table = read_array_table(path, watch) if is_array else read_text_table(path, layout, watch)
    if stamp is not None:
        _known[path, layout] = _Entry(stamp, table)
        while len(_known) > _KEPT:
            _known.popitem(last=False)
    return table


def _stamp(path: Path) -> tuple[int, int] | None:
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_mtime_ns, status.st_size
