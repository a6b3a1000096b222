"""Panels as pictures: PNG at a chosen scale, SVG and PDF as vectors with text as text."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QEvent,
    QIODevice,
    QMarginsF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QImage,
    QPageLayout,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator

from gradexplorer.analysis.request import Analysis
from gradexplorer.config.experiment import ExperimentConfig
from gradexplorer.export.state import write_state
from gradexplorer.export.tables import write_table
from gradexplorer.files import make_folder, write_bytes
from gradexplorer.gui.application import make_application
from gradexplorer.gui.depth import DepthAxis
from gradexplorer.gui.panels import make_instruments, make_panels
from gradexplorer.gui.panels.measured_panel import MeasuredPanel
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.reach import Reach
from gradexplorer.gui.runs_table import compared
from gradexplorer.gui.svg import repair
from gradexplorer.gui.theme import LIGHT, apply_theme
from gradexplorer.gui.view import RunView, magnitudes
from gradexplorer.training.history import History
from gradexplorer.training.shape import window_shape

TITLE_HEIGHT = 42
RESOLUTION = 96
_SIZE = QSize(760, 380)


def figure_size(panel: Panel) -> QSize:
    """Return the size of a panel's picture in logical pixels: the plot and a title above."""
    return panel.plot.size() + QSize(0, TITLE_HEIGHT)


def save_figure(panel: Panel, path: Path, scale: float = 2.0) -> None:
    """Write a panel's picture; the file's ending (.png, .svg, .pdf) tells how.

    Parameters
    ----------
    panel : Panel
        Drawn with its present size, ranges and colours.
    path : Path
    scale : float
        Pixels of a PNG for each logical pixel.

    Raises
    ------
    InputError
        The file cannot be written.
    """
    write_bytes(path, render_figure(panel, path.suffix.lower().lstrip("."), scale))


def render_figure(panel: Panel, format: str, scale: float = 2.0) -> bytes:
    """Return a panel's picture as the bytes of a ``"png"``, ``"svg"`` or ``"pdf"`` file."""
    return {"png": _png, "svg": _svg, "pdf": _pdf}[format](panel, scale)


def render_image(panel: Panel, scale: float) -> QImage:
    """Return a panel's picture as an image."""
    size = figure_size(panel)
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(scale)
    _paint(panel, image)
    dots = round(RESOLUTION * scale / 0.0254)  # set now: before, it would enlarge the letters
    image.setDotsPerMeterX(dots)
    image.setDotsPerMeterY(dots)
    return image


def _png(panel: Panel, scale: float) -> bytes:
    buffer = _buffer()
    render_image(panel, scale).save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def _svg(panel: Panel, _: float) -> bytes:
    buffer, size = _buffer(), figure_size(panel)
    generator = QSvgGenerator(QSvgGenerator.SvgVersion.Svg11)
    generator.setOutputDevice(buffer)
    generator.setSize(size)
    generator.setViewBox(QRect(0, 0, size.width(), size.height()))
    generator.setResolution(RESOLUTION)
    generator.setTitle(panel.title)
    generator.setDescription(panel.help)
    _paint(panel, generator)
    area = panel.plot.view.sceneBoundingRect().translated(0.0, TITLE_HEIGHT)
    return repair(bytes(buffer.data().data()), area.getCoords())


def _pdf(panel: Panel, _: float) -> bytes:
    buffer, size = _buffer(), figure_size(panel)
    writer = QPdfWriter(buffer)
    writer.setResolution(RESOLUTION)
    writer.setTitle(panel.title)
    writer.setCreator("gradexplorer")
    points = QSizeF(size) * (72.0 / RESOLUTION)
    page = QPageSize(
        points, QPageSize.Unit.Point, panel.title, QPageSize.SizeMatchPolicy.ExactMatch
    )
    writer.setPageLayout(QPageLayout(page, QPageLayout.Orientation.Portrait, QMarginsF()))
    _paint(panel, writer)
    return bytes(buffer.data().data())


def _buffer() -> QBuffer:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return buffer


def _paint(panel: Panel, device: QPaintDevice) -> None:
    plot, colors = panel.plot, panel.colors
    painter = QPainter(device)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
    area = QRectF(0.0, TITLE_HEIGHT, plot.width(), plot.height())
    painter.fillRect(
        QRectF(0.0, 0.0, plot.width(), plot.height() + TITLE_HEIGHT), QColor(colors.base)
    )
    font = QFont(plot.font())
    font.setWeight(QFont.Weight.DemiBold)
    painter.setFont(font)
    painter.setPen(QColor(colors.text))
    title = QRectF(8.0, 4.0, plot.width() - 16.0, 18.0)
    flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
    painter.drawText(title, flags, panel.heading(panel.view) if panel.view else panel.title)
    if panel.view is not None:
        painter.setFont(plot.font_small)
        painter.setPen(QColor(colors.muted))
        caption = QFontMetrics(plot.font_small).elidedText(
            _caption(panel, panel.view), Qt.TextElideMode.ElideRight, int(title.width())
        )
        painter.drawText(title.translated(0.0, 18.0), flags, caption)
    plot.render(painter, area, QRect(0, 0, plot.width(), plot.height()))
    painter.end()


def _caption(panel: Panel, view: RunView) -> str:
    run, view = panel.chosen_run(view), panel.shown(view)
    updates, title = len(view.history), view.config.title
    title = title if run is None else f"{run.sign} {title}"
    if view.moment is not None:
        return f"{title}, update {view.moment.iteration:,} of {updates:,}"
    return f"{title}, {updates:,} updates" if updates else title


def export_everything(
    panels: Sequence[Panel], folder: Path, formats: Iterable[str], scale: float
) -> None:
    """Write every panel's picture and data, and the run that they show, into a folder.

    Parameters
    ----------
    panels : sequence of Panel
        All of one run.
    folder : Path
        Made if it is missing.
    formats : iterable of str
        Among ``"png"``, ``"svg"`` and ``"pdf"``.
    scale : float
        Pixels of a PNG for each logical pixel.

    Raises
    ------
    InputError
        The folder or a file in it cannot be written.
    """
    make_folder(folder)
    for panel in panels:
        if isinstance(panel, MeasuredPanel) and panel.result(panel.view) is None:
            continue  # nothing was measured: there is no picture of it
        panel.bring_up_to_date()
        write_table(panel.table(), folder / f"{panel.name}.csv")
        for ending in formats:
            save_figure(panel, folder / f"{panel.name}.{ending}", scale)
    view = panels[0].view
    if view is not None:
        write_state(view.config, view.history, view.trace, folder)
        if view.pinned:
            table = compared(view.config, view.history, view.pinned)
            write_table(table, folder / "runs-compared.csv")


def write_figures(
    config: ExperimentConfig, history: History, folder: Path, formats: Iterable[str]
) -> None:
    """Draw a run's figures without a window, in light colours; raises `InputError`."""
    view = RunView(config, window_shape(config), history)
    if history.trace is not None:
        view.scale.fit(magnitudes(history.trace))
    _write(make_panels, view, folder, formats, lambda _panel: True)


def write_instruments(
    config: ExperimentConfig,
    history: History,
    analysis: Analysis,
    folder: Path,
    formats: Iterable[str],
    *,
    leave_out: str | None = None,
) -> None:
    """Draw without a window what was measured of a run, but one panel; raises `InputError`."""
    view = RunView(config, window_shape(config), history, analysis=analysis)

    def has_some(panel: Panel) -> bool:
        if isinstance(panel, MeasuredPanel):
            return panel.result(view) is not None and not panel.hint(view)
        return panel.name != leave_out and len(history) > 0

    _write(lambda axis: make_instruments(axis, Reach(axis)), view, folder, formats, has_some)


def _write(
    make: Callable[[DepthAxis], list[Panel]],
    view: RunView,
    folder: Path,
    formats: Iterable[str],
    has_some: Callable[[Panel], bool],
) -> None:
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = make_application()
    apply_theme(app, LIGHT)
    panels = make(DepthAxis())
    try:
        for panel in filter(has_some, panels):
            panel.resize(_SIZE)
            panel.set_colors(LIGHT)
            panel.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
            panel.show()  # lays it out
            panel.show_view(view)
            for ending in formats:
                save_figure(panel, folder / f"{panel.name}.{ending}")
    finally:  # at once and by Qt: the garbage collector would take their parts in any order
        for panel in panels:
            panel.deleteLater()
            QCoreApplication.sendPostedEvents(panel, QEvent.Type.DeferredDelete.value)
