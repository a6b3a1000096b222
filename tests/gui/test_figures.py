"""Panels as pictures: the right size, text as text, and what is on the screen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
import zlib
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

from gradexplorer.config.presets import dump_preset
from gradexplorer.errors import InputError
from gradexplorer.gui.figures import (
    TITLE_HEIGHT,
    export_everything,
    figure_size,
    render_figure,
    render_image,
    save_figure,
    write_figures,
)
from gradexplorer.gui.panels.panel import Panel
from gradexplorer.gui.theme import DARK, LIGHT

ROOT = Path(__file__).resolve().parents[2]
NAMES = [
    "unrolled-graph", "timestep-gradient", "gradient-heatmap", "loss", "gradient-norm", "output",
]  # fmt: skip
EVERY_PANEL = pytest.mark.parametrize("name", NAMES)
SVG = "{http://www.w3.org/2000/svg}"
LABELS = {
    "unrolled-graph": ["timestep t", "hidden h", "← gradient"],
    "timestep-gradient": ["timestep t", "‖dL/dhₜ‖", "mean before clipping"],
    "gradient-heatmap": ["timestep t", "update", "mean before clipping"],
    "loss": ["update", "loss", "smoothed"],
    "gradient-norm": ["update", "‖g‖", "threshold"],
    "output": ["timestep t", "target", "output"],
}


@pytest.fixture(scope="module")
def view(make_view, small):
    """Return a run that has something to draw in every panel."""
    return make_view(small("clipping.method=norm", "clipping.threshold=0.1", "bptt.k2=9"), 24)


@pytest.fixture
def panel(show_panel, view, name):
    """Return the panel of a name, showing the run."""
    return show_panel(name, view)


def pixels(image):
    """Return an image as an array of red, green and blue."""
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), -1)
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(float)


def difference(one, other):
    """Return the mean absolute difference of two images of the same size, of 255."""
    return np.abs(pixels(one) - pixels(other)).mean()


def drawn(svg, size, scale=1):
    """Return an SVG as a picture on white."""
    renderer = QSvgRenderer(QByteArray(svg))
    assert renderer.isValid()
    image = QImage(size * scale, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.white)
    painter = QPainter(image)
    renderer.render(painter)
    painter.end()
    return image


@EVERY_PANEL
def test_a_png_has_the_pixels_asked_for(panel):
    size = figure_size(panel)
    assert size == panel.plot.size() + QSize(0, TITLE_HEIGHT)
    for scale in (1.0, 2.0, 4.0):
        image = QImage.fromData(render_figure(panel, "png", scale), "PNG")
        assert image.size() == size * scale
        assert image.dotsPerMeterX() == round(96 * scale / 0.0254)


@EVERY_PANEL
def test_a_larger_png_is_the_same_picture(panel):
    """Its letters too: drawn twice, or at another size, they would not fall on each other."""
    small = render_image(panel, 1.0)
    mode = Qt.TransformationMode.SmoothTransformation
    for scale in (2.0, 4.0):
        large = render_image(panel, scale)
        shrunk = large.scaled(small.size(), Qt.AspectRatioMode.IgnoreAspectRatio, mode)
        assert difference(small, shrunk) < 3.0
        title = [image.copy(0, 0, image.width(), TITLE_HEIGHT) for image in (small, shrunk)]
        assert difference(*title) < 6.0


@EVERY_PANEL
@pytest.mark.parametrize("colors", [LIGHT, DARK], ids=["light", "dark"])
def test_a_picture_is_what_the_screen_shows(show_panel, view, name, colors):
    panel = show_panel(name, view, colors=colors)
    screen = panel.plot.grab().toImage()
    picture = render_image(panel, 1.0)
    below = picture.copy(0, TITLE_HEIGHT, picture.width(), picture.height() - TITLE_HEIGHT)
    assert below.size() == screen.size()
    assert difference(below, screen) < 2.0


@EVERY_PANEL
def test_a_picture_is_what_the_screen_shows_after_a_zoom(panel):
    x, y = panel.plot.view.viewRange()
    panel.plot.view.setRange(
        xRange=(x[0] + 2.0, x[0] + 6.0), yRange=(y[0] + 0.3, y[1] - 0.2), padding=0
    )
    screen = panel.plot.grab().toImage()
    below = render_image(panel, 1.0).copy(0, TITLE_HEIGHT, screen.width(), screen.height())
    assert difference(below, screen) < 2.0
    svg = drawn(render_figure(panel, "svg"), figure_size(panel))
    below = svg.copy(0, TITLE_HEIGHT, screen.width(), screen.height())
    assert difference(below, screen) < 6.0


@EVERY_PANEL
def test_an_svg_has_text_as_text_and_no_pixels(panel, name):
    svg = render_figure(panel, "svg")
    root = ElementTree.fromstring(svg)
    size = figure_size(panel)
    assert root.get("viewBox") == f"0 0 {size.width()} {size.height()}"
    texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    for label in (panel.title, *LABELS[name]):
        assert label in texts
    assert not list(root.iter(f"{SVG}image"))
    assert b"vector-effect" not in svg
    assert b"base64" not in svg


@EVERY_PANEL
def test_an_svg_is_the_same_picture(panel):
    image = render_image(panel, 2.0)
    svg = drawn(render_figure(panel, "svg"), figure_size(panel), 2)
    assert difference(image, svg) < 6.0


@EVERY_PANEL
def test_an_svg_has_no_strokes_that_a_transform_would_widen(panel):
    root = ElementTree.fromstring(render_figure(panel, "svg"))
    for group in root.iter(f"{SVG}g"):
        shapes = [child for child in group if child.tag != f"{SVG}text"]
        matrix = re.findall(r"-?[\d.]+(?:e-?\d+)?", group.get("transform", ""))
        if shapes and len(matrix) == 6:
            a, b, c, d = map(float, matrix[:4])
            assert abs(a * d - b * c) == pytest.approx(1.0, rel=1e-3)


@EVERY_PANEL
def test_a_pdf_has_text_as_text_and_no_pixels(panel):
    pdf = render_figure(panel, "pdf")
    assert pdf.startswith(b"%PDF-1.")
    assert pdf.rstrip().endswith(b"%%EOF")
    assert b"/FontFile2" in pdf or b"/FontFile3" in pdf
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type/Page\n") == 1
    size = figure_size(panel)
    box = [float(part) for part in re.search(rb"/MediaBox \[([^]]*)\]", pdf)[1].split()]
    assert box[2:] == pytest.approx([0.75 * size.width(), 0.75 * size.height()], abs=1.0)
    assert not re.search(rb"/Subtype\s*/Image", pdf)
    assert b"BT" in contents(pdf)


def contents(pdf):
    """Return what the compressed streams of a PDF say, as far as they are that."""
    found = b""
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        try:
            found += zlib.decompress(stream)
        except zlib.error:
            continue
    return found


def test_the_caption_tells_the_run(show_panel, make_view, small):
    config = small("title=My run")
    for updates, caption in ((0, "My run"), (24, "My run, 24 updates")):
        panel = show_panel("loss", make_view(config, updates))
        root = ElementTree.fromstring(render_figure(panel, "svg"))
        texts = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
        assert caption in texts


@pytest.mark.parametrize("format", ["png", "svg", "pdf"])
def test_every_state_makes_a_picture(show_panels, make_view, small, small_stream, format):
    for config, updates in ((small("model.cell=lstm"), 0), (small_stream(), 11)):
        for panel in show_panels(make_view(config, updates)).values():
            assert len(render_figure(panel, format)) > 2000


def test_a_long_window_makes_a_light_picture(show_panel, make_view, small):
    view = make_view(small("task.length=1000"), 2)
    for name in ("unrolled-graph", "timestep-gradient"):
        assert len(render_figure(show_panel(name, view), "svg")) < 1_000_000


@pytest.mark.parametrize("ending", ["png", "SVG", "pdf"])
def test_a_file_is_written_as_its_ending_says(show_panel, view, tmp_path, ending):
    path = tmp_path / f"picture.{ending}"
    save_figure(show_panel("loss", view), path)
    start = {"png": b"\x89PNG", "SVG": b"<?xml", "pdf": b"%PDF"}[ending]
    assert path.read_bytes().startswith(start)


def test_a_picture_that_cannot_be_written_leaves_the_old_one(show_panel, view, tmp_path, full_disk):
    path = tmp_path / "picture.png"
    path.write_bytes(b"old")
    panel = show_panel("loss", view)
    full_disk(100)
    with pytest.raises(InputError, match="no space left"):
        save_figure(panel, path)
    assert path.read_bytes() == b"old"


def test_everything_is_exported(show_panels, view, tmp_path):
    panels = show_panels(view)
    panels["loss"].hide()
    folder = tmp_path / "new" / "folder"
    export_everything(list(panels.values()), folder, ("png", "svg", "pdf"), 1.0)
    pictures = {f"{name}.{ending}" for name in NAMES for ending in ("csv", "png", "svg", "pdf")}
    run = {"experiment.toml", "metrics.csv", "weights.safetensors"}
    assert {entry.name for entry in folder.iterdir()} == pictures | run
    assert (folder / "experiment.toml").read_text("utf-8") == dump_preset(view.config)
    for name in NAMES:
        lines = (folder / f"{name}.csv").read_text("utf-8").splitlines()
        columns = panels[name].table().columns
        assert lines[0] == ",".join(columns)
        assert len(lines) == 1 + len(next(iter(columns.values())))


def test_a_hidden_panel_is_exported_as_it_would_be_shown(show_panel, make_view, small, view):
    panel = show_panel("loss", make_view(small(), 3))
    panel.hide()
    panel.show_view(view)
    panel.bring_up_to_date()
    hidden = render_figure(panel, "svg")
    panel.show()
    assert render_figure(panel, "svg") == hidden


@pytest.mark.parametrize("updates", [0, 24])
def test_figures_are_drawn_without_a_window(make_view, small, tmp_path, qapp, updates):
    view = make_view(small(), updates)
    write_figures(view.config, view.history, tmp_path, ("png", "svg", "pdf"))
    for name in NAMES:
        image = QImage(str(tmp_path / f"{name}.png"))
        assert image.size() == QSize(1520, 760 + 2 * TITLE_HEIGHT)
        assert (tmp_path / f"{name}.svg").stat().st_size > 2000
        assert (tmp_path / f"{name}.pdf").stat().st_size > 2000
    assert not any(isinstance(widget, Panel) for widget in qapp.topLevelWidgets())


def test_figures_need_no_display(tmp_path):
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    done = subprocess.run(
        [
            sys.executable, "-W", "error", "-m", "gradexplorer", "run", "sunspots-truncated",
            "--iterations", "12", "--out", str(tmp_path), "--figures", "png,svg,pdf", "--quiet",
        ],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    for name in NAMES:
        for ending in ("png", "svg", "pdf"):
            assert (tmp_path / f"{name}.{ending}").stat().st_size > 2000
