"""The files that were opened last, kept between sessions."""

from __future__ import annotations

import json
from pathlib import Path

from platformdirs import user_config_path

from gradexplorer.errors import InputError
from gradexplorer.files import read_text, write_text

_MOST = 8
_MAX_BYTES = 64 * 1024


def recent_files() -> list[Path]:
    """Return the files opened last that still exist, newest first."""
    try:
        entries = json.loads(read_text(_store(), _MAX_BYTES))
    except (InputError, ValueError, RecursionError):  # none yet, or not ours: not worth a word
        return []
    if not isinstance(entries, list):
        return []
    return [Path(entry) for entry in entries if isinstance(entry, str) and Path(entry).is_file()]


def remember(path: Path) -> None:
    """Put a file first among the recent ones."""
    path = path.resolve()
    entries = [path, *(entry for entry in recent_files() if entry != path)][:_MOST]
    try:
        _store().parent.mkdir(parents=True, exist_ok=True)
        write_text(_store(), json.dumps([str(entry) for entry in entries], indent=1))
    except (InputError, OSError):  # a full or read-only home must not keep a file from opening
        return


def _store() -> Path:
    return user_config_path("gradexplorer", appauthor=False) / "recent.json"
