"""Making Qt's SVG safe for every reader."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import partial

Box = tuple[float, float, float, float]

_FONTS = "DejaVu Sans, Verdana, sans-serif"
_CLOSE = 2.0  # pixels
_SVG = "http://www.w3.org/2000/svg"
_COORDINATES = {f"{{{_SVG}}}path": "d", f"{{{_SVG}}}polyline": "points"}
_MATRIX = re.compile(r"matrix\(([^)]*)\)")
_POINT = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")


def repair(svg: bytes, clip: Box) -> bytes:
    """Return the picture as every reader draws it.

    Parameters
    ----------
    svg : bytes
        As `QSvgGenerator` writes it.
    clip : tuple of float
        Left, top, right and bottom of the one area that marks may not leave.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
    _keep_clip(root, clip)
    _flatten(root)
    _drop_empty(root)
    for element in root.iter():
        if "font-family" in element.attrib:
            element.set("font-family", _FONTS)
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _keep_clip(root: ElementTree.Element, clip: Box) -> None:
    """Let go of all clips but one: Qt gives some groups the clip of what it drew before them."""
    for path in root.iter(f"{{{_SVG}}}clipPath"):
        corners = [(float(x), float(y)) for x, y in _POINT.findall(path[0].get("d", ""))]
        x, y = zip(*corners, strict=True)
        box = (min(x), min(y), max(x), max(y))
        if all(abs(found - wanted) < _CLOSE for found, wanted in zip(box, clip, strict=True)):
            continue
        reference = f"url(#{path.get('id')})"
        for group in root.iter(f"{{{_SVG}}}g"):
            if group.get("clip-path") == reference:
                del group.attrib["clip-path"]


def _drop_empty(parent: ElementTree.Element) -> None:
    for child in list(parent):
        _drop_empty(child)
        if child.tag == f"{{{_SVG}}}g" and not len(child):
            parent.remove(child)


def _flatten(root: ElementTree.Element) -> None:
    """Move the transforms of paths into their coordinates.

    Qt draws plot curves in data units under a stretched transform and asks that the pen be
    spared (``vector-effect: non-scaling-stroke``), which many readers do not know: there a
    line comes out hundreds of pixels wide.
    """
    for group in root.iter(f"{{{_SVG}}}g"):
        matrix = _matrix(group.get("transform", ""))
        children = list(group)
        if matrix is None or not all(child.tag in _COORDINATES for child in children):
            continue
        for child in children:
            attribute = _COORDINATES[child.tag]
            points = child.get(attribute, "")
            child.set(attribute, _POINT.sub(partial(_moved, matrix), points))
        del group.attrib["transform"]
    for element in root.iter():
        element.attrib.pop("vector-effect", None)


def _matrix(transform: str) -> tuple[float, ...] | None:
    found = _MATRIX.fullmatch(transform.strip())
    return tuple(map(float, found[1].split(","))) if found else None


def _moved(matrix: tuple[float, ...], found: re.Match[str]) -> str:
    a, b, c, d, e, f = matrix
    x, y = float(found[1]), float(found[2])
    return f"{a * x + c * y + e:.3f},{b * x + d * y + f:.3f}"
