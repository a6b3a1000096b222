"""Weights from a safetensors file, as PyTorch saves a ``state_dict``."""

from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gradexplorer.engine.parameters import Parameters, Shapes
from gradexplorer.errors import InputError
from gradexplorer.files import read_bytes

MAX_HEADER = 1 << 20
_MAX_ROWS = 30
_MAX_AXES = 8
_OWN = "initial_"  # PyTorch's modules learn no initial state: without one it stays zero
_DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2"}
_RECURRENT = re.compile(r"(?:(.*)\.)?((?:weight|bias)_(?:ih|hh)_l\d+)", re.DOTALL)
_LINEAR = re.compile(r"(?:(.*)\.)?(weight|bias)", re.DOTALL)


class Entry(NamedTuple):
    """What a file's header says of one tensor; ``start`` and ``stop`` count from its end."""

    dtype: str
    shape: tuple[int, ...]
    start: int
    stop: int


def load_weights(parameters: Parameters, path: Path) -> None:
    """Set parameters to those of a file.

    The names are those of ``torch.nn.RNN``, ``torch.nn.LSTM`` or ``torch.nn.GRU``
    (``weight_ih_l0`` and so on) under any one prefix, such as ``lstm.``, and ``weight`` and
    ``bias`` of a ``torch.nn.Linear``, the readout, under any one other prefix. What is called as
    here needs no mapping.

    Parameters
    ----------
    parameters : Parameters
    path : Path
        A safetensors file. Its header is read first, and nothing more unless it fits.

    Raises
    ------
    InputError
        The file cannot be read, is no safetensors file, has other names or shapes, as a table of
        expected against found tells, or a value that is not finite. No parameter was changed.
    """
    header, offset = _read_header(path)
    names = mapped_names(header, parameters.shapes)
    _check(path, header, names, parameters.shapes)
    size = offset + sum(entry.stop - entry.start for entry in header.values())
    if offset + max(entry.stop for entry in header.values()) > size:
        raise _not_safetensors(path)
    data = read_bytes(path, size)
    if len(data) < size:
        raise InputError(f"{path} is cut off: it has {len(data):,} of {size:,} bytes.")
    values = {
        names[found]: _tensor(data, offset, entry, parameters.flat.dtype, found, path)
        for found, entry in header.items()
    }
    for name, array in values.items():
        parameters[name][...] = array


def mapped_names(header: dict[str, Entry], expected: Shapes) -> dict[str, str]:
    """Return our name for each of a file's; a name that has none stands for itself.

    A name is mapped only where all parts of its kind, recurrent or linear, have one prefix.
    """
    if header.keys() == expected.keys():
        return {name: name for name in header}
    names = {name: name for name in header}
    for pattern, ours in ((_RECURRENT, "{}"), (_LINEAR, "readout.{}")):
        found = {name: match for name in header if (match := pattern.fullmatch(name))}
        if len({match[1] for match in found.values()}) == 1:
            names |= {name: ours.format(match[2]) for name, match in found.items()}
    return names


def _read_header(path: Path) -> tuple[dict[str, Entry], int]:
    """Return what the header says of each tensor, and where the data begin."""
    start = read_bytes(path, 8 + MAX_HEADER, whole=False)
    length = int.from_bytes(start[:8], "little")
    if len(start) < 8 or length > len(start) - 8:
        raise _not_safetensors(path)
    try:
        entries = json.loads(start[8 : 8 + length])
        del start
        entries.pop("__metadata__", None)
        header = {name: _entry(entry) for name, entry in entries.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _not_safetensors(path) from error
    if not header:
        raise InputError(f"{path} has no tensors.")
    return header, 8 + length


def _entry(entry: dict[str, object]) -> Entry:
    """Check an entry; raises `ValueError` and the like where it is none."""
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not (isinstance(dtype, str) and isinstance(shape, list) and isinstance(offsets, list)):
        raise TypeError(entry)
    if not all(type(number) is int and 0 <= number < 1 << 53 for number in [*shape, *offsets]):
        raise ValueError(entry)
    start, stop = offsets
    if len(shape) > _MAX_AXES or start > stop:
        raise ValueError(entry)
    if dtype in _DTYPES and stop - start != math.prod(shape) * np.dtype(_DTYPES[dtype]).itemsize:
        raise ValueError(entry)
    return Entry(dtype, tuple(shape), start, stop)


def _not_safetensors(path: Path) -> InputError:
    return InputError(
        f"{path} is not a safetensors file. Save a state_dict with safetensors.torch.save_file."
    )


def _check(path: Path, header: dict[str, Entry], names: dict[str, str], expected: Shapes) -> None:
    """Refuse other names, shapes or types."""
    there = {ours: found for found, ours in names.items()}
    rows = [
        (name, _shape(shape), _shape(header[there[name]].shape) if name in there else "missing")
        for name, shape in expected.items()
        if (name in there and header[there[name]].shape != shape)
        or (name not in there and not name.startswith(_OWN))
    ]
    rows += [
        (found, "nothing", _shape(header[found].shape))
        for found, ours in names.items()
        if ours not in expected
    ]
    if rows:
        table = "\n".join(_lines([("parameter", "expected", "found"), *rows]))
        raise InputError(f"{path} has the weights of another network.\n{table}")
    for name, entry in header.items():
        if entry.dtype not in _DTYPES:
            raise InputError(
                f"{path}: {_printable(name)} has the type {_printable(entry.dtype)}; it must be "
                "float64, float32 or float16."
            )


def _lines(rows: list[tuple[str, str, str]]) -> list[str]:
    shown = [tuple(map(_printable, row)) for row in rows[: _MAX_ROWS + 1]]
    widths = [max(map(len, column)) for column in list(zip(*shown, strict=True))[:2]]
    lines = [f"  {one:<{widths[0]}}  {two:<{widths[1]}}  {three}" for one, two, three in shown]
    left = len(rows) - len(shown)
    return [*lines, f"  and {left:,} more"] if left else lines


def _shape(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) if shape else "a number"


def _printable(text: str) -> str:
    text = text if text.isprintable() else repr(text)
    return text if len(text) <= 48 else f"{text[:45]}..."


def _tensor(
    data: bytes, offset: int, entry: Entry, dtype: np.dtype, name: str, path: Path
) -> NDArray[np.floating]:
    raw = np.frombuffer(data, _DTYPES[entry.dtype], math.prod(entry.shape), offset + entry.start)
    with np.errstate(over="ignore", invalid="ignore"):
        values: NDArray[np.floating] = raw.reshape(entry.shape).astype(dtype)
    bad = ~np.isfinite(values)
    if bad.any():
        place = ", ".join(map(str, np.argwhere(bad)[0]))
        raise InputError(
            f"{path}: {_printable(name)} is not finite in {dtype} at [{place}], nor in "
            f"{np.count_nonzero(bad) - 1:,} other places."
        )
    return values
