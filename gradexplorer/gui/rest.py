"""Whether a run that was told to wait does so by now."""

from __future__ import annotations

import time

_SOON = 0.2  # seconds; a wait for rest that takes no longer is not worth a word


class Rest:
    """Comes after the update that was being made, which may take long.

    Attributes
    ----------
    reached : bool
    """

    def __init__(self) -> None:
        self.ask()

    def ask(self) -> None:
        """Wait for it from now on."""
        self.reached = False
        self._asked = time.monotonic()

    def note(self, *, resting: bool) -> None:
        """Take a word from the run; once at rest it stays so until another is asked for."""
        self.reached = resting or self.reached

    @property
    def is_late(self) -> bool:
        """Whether it has not come for long."""
        return not self.reached and time.monotonic() - self._asked > _SOON
