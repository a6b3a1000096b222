"""The strip that says what the run's gradients are doing, and offers what may help."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from gradexplorer.analysis.carriage import RecentCarriages
from gradexplorer.analysis.remedies import Remedy
from gradexplorer.analysis.verdict import Verdict, verdict
from gradexplorer.gui.keys import keep_space
from gradexplorer.gui.seldom import Seldom
from gradexplorer.gui.session import Session
from gradexplorer.training.history import History

_MILLISECONDS = 500  # between two verdicts: a sentence must stand long enough to be read
_MOST_REMEDIES = 3
_GOOD, _OPEN = ("healthy", "learned"), ("unknown",)


class VerdictBar(QFrame):
    """One verdict at a time, with a button for each remedy."""

    remedy_wanted = Signal(object)
    """A `Remedy` is to be tried beside the present run."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("verdict")
        self.verdict: Verdict | None = None
        self._session: Session | None = None
        self._history: History | None = None
        self._carriages = RecentCarriages()
        self._seldom = Seldom(self._judge, _MILLISECONDS, self)
        self.title = QLabel()
        self.title.setObjectName("verdictTitle")
        self.sentence = QLabel()
        self.sentence.setWordWrap(True)
        self.sentence.setAccessibleName("Verdict")
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.sentence.setMinimumHeight(2 * self.sentence.fontMetrics().lineSpacing())
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 6, 8, 6)
        self._row.setSpacing(10)
        self._row.addWidget(self.title)
        self._row.addWidget(self.sentence, 1)
        self._buttons: list[QPushButton] = []

    def show_session(self, session: Session, *, at_once: bool = False) -> None:
        """Judge the session's run as it stands, now and then."""
        self._session = session
        self._follow(session.history)
        if at_once:
            self._seldom.now()
        else:
            self._seldom.ask()

    def _follow(self, history: History) -> None:
        if history is not self._history:
            self._history, self._carriages = history, RecentCarriages()
        self._carriages.add(history.trace)

    def _judge(self) -> None:
        assert self._session is not None
        view = self._session.view
        rows, divergence = view.history.metrics, view.history.divergence
        carriages = self._carriages.kept
        if view.moment is not None:
            rows, divergence, carriages = rows[: view.moment.iteration], None, ()
        found = verdict(view.config, view.shape, rows, view.trace, divergence, carriages=carriages)
        if found != self.verdict:
            self._show(found)

    def _show(self, found: Verdict) -> None:
        old, self.verdict = self.verdict, found
        kind = "good" if found.state in _GOOD else "open" if found.state in _OPEN else "bad"
        sure = "" if found.state in _OPEN else f" · {found.confidence}"
        self.title.setText(f"{found.title}{sure}")
        self.sentence.setText(found.sentence)
        self.setAccessibleName(f"Verdict: {found.title}{sure}")
        self.setAccessibleDescription(found.sentence)
        if self.property("kind") != kind:
            self.setProperty("kind", kind)
            self.style().unpolish(self)
            self.style().polish(self)
        if old is None or old.remedies != found.remedies:
            self._offer(found.remedies[:_MOST_REMEDIES])

    def _offer(self, remedies: tuple[Remedy, ...]) -> None:
        for button in self._buttons:
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._button(remedy) for remedy in remedies]
        for button in self._buttons:
            self._row.addWidget(button)

    def _button(self, remedy: Remedy) -> QPushButton:
        button = QPushButton(remedy.title)
        button.setToolTip(f"<p>{remedy.why}</p><p>Starts it as a new run beside this one</p>")
        button.setAccessibleDescription(remedy.why)
        button.clicked.connect(partial(self.remedy_wanted.emit, remedy))
        keep_space(button)
        return button
