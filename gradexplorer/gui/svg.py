"""Making Qt's SVG safe for every reader."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from functools import partial

_SVG = "http://www.w3.org/2000/svg"
_COORDINATES = {f"{{{_SVG}}}path": "d", f"{{{_SVG}}}polyline": "points"}
_MATRIX = re.compile(r"matrix\(([^)]*)\)")
_POINT = re.compile(r"(-?[\d.]+(?:e[-+]?\d+)?),(-?[\d.]+(?:e[-+]?\d+)?)")


def flatten(svg: bytes) -> bytes:
    """Move the transforms of paths into their coordinates.

    Qt draws plot curves in data units under a stretched transform and asks that the pen be
    spared (``vector-effect: non-scaling-stroke``), which many readers do not know: there a
    line comes out hundreds of pixels wide.

    Parameters
    ----------
    svg : bytes
        As `QSvgGenerator` writes it.
    """
    ElementTree.register_namespace("", _SVG)
    ElementTree.register_namespace("xlink", "http://www.w3.org/1999/xlink")
    root = ElementTree.fromstring(svg)
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
    return bytes(ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _matrix(transform: str) -> tuple[float, ...] | None:
    found = _MATRIX.fullmatch(transform.strip())
    return tuple(map(float, found[1].split(","))) if found else None


def _moved(matrix: tuple[float, ...], found: re.Match[str]) -> str:
    a, b, c, d, e, f = matrix
    x, y = float(found[1]), float(found[2])
    return f"{a * x + c * y + e:.3f},{b * x + d * y + f:.3f}"
