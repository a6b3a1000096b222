"""The question where to export everything to, and as what."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

_SCALES = (1, 2, 3, 4)


class ExportDialog(QDialog):
    """Asks for a folder, formats and the scale of PNG pictures.

    Parameters
    ----------
    folder : Path
        Where to propose a new folder.
    parent : QWidget, optional
    """

    def __init__(self, folder: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Export everything")
        self._folder = QLineEdit(str(folder / "gradexplorer-run"))
        self._folder.setMinimumWidth(380)
        self._folder.setAccessibleName("Folder")
        self._folder.textChanged.connect(self._check)
        browse = QPushButton("Choose…")
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self._folder, 1)
        row.addWidget(browse)
        self._formats = {name: QCheckBox(name.upper()) for name in ("png", "svg", "pdf")}
        boxes = QHBoxLayout()
        for name, box in self._formats.items():
            box.setChecked(name != "pdf")
            boxes.addWidget(box)
        boxes.addStretch(1)
        self._scale = QComboBox()
        self._scale.setAccessibleName("PNG scale")
        for scale in _SCALES:
            self._scale.addItem(f"{scale}×", float(scale))
        self._scale.setCurrentIndex(1)
        self._buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel
        )
        self._buttons.accepted.connect(self.accept)
        self._buttons.rejected.connect(self.reject)
        note = QLabel(
            "Writes every plot with its data, the experiment, the metrics and the weights."
        )
        note.setObjectName("muted")
        form = QFormLayout(self)
        form.addRow("Folder", row)
        form.addRow("Pictures", boxes)
        form.addRow("PNG scale", self._scale)
        form.addRow(note)
        form.addRow(self._buttons)

    def folder(self) -> Path:
        """Return the folder entered."""
        return Path(self._folder.text()).expanduser()

    def formats(self) -> tuple[str, ...]:
        """Return the formats ticked."""
        return tuple(name for name, box in self._formats.items() if box.isChecked())

    def scale(self) -> float:
        """Return the pixels of a PNG for each logical pixel."""
        return float(self._scale.currentData())

    def _browse(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Folder to export to", self._folder.text())
        if chosen:
            self._folder.setText(chosen)

    def _check(self, text: str) -> None:
        save = self._buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(bool(text.strip()))
