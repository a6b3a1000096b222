"""Repairing an SVG: nothing moves, and no reader needs to know of cosmetic pens or stale clips."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradexplorer.gui.svg import repair

AREA = (10.0, 20.0, 110.0, 220.0)
SVG = "{http://www.w3.org/2000/svg}"
parts = st.floats(-50.0, 50.0, allow_subnormal=False).map(lambda value: round(value, 4))
matrices = st.tuples(*[parts] * 6)
points = st.lists(st.tuples(parts, parts), min_size=1, max_size=6)


def document(group):
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="10" height="10">{group}</svg>'
    ).encode()


def flattened(group):
    return ElementTree.fromstring(repair(document(group), AREA))


def coordinates(text):
    return [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.e+-]+),(-?[\d.e+-]+)", text)]


def moved(matrix, point):
    a, b, c, d, e, f = matrix
    x, y = point
    return a * x + c * y + e, b * x + d * y + f


@given(matrices, points)
@pytest.mark.parametrize(("tag", "attribute"), [("path", "d"), ("polyline", "points")])
def test_points_come_to_where_the_matrix_takes_them(tag, attribute, matrix, points):
    letters = "MLCL" if attribute == "d" else "    "
    text = " ".join(f"{letters[i % 4].strip()}{x},{y}" for i, (x, y) in enumerate(points))
    transform = "matrix({},{},{},{},{},{})".format(*matrix)
    root = flattened(
        f'<g transform="{transform}"><{tag} {attribute}="{text}" '
        'vector-effect="non-scaling-stroke"/></g>'
    )
    (group,) = root.iter(f"{SVG}g")
    (shape,) = root.iter(f"{SVG}{tag}")
    assert "transform" not in group.attrib
    assert "vector-effect" not in shape.attrib
    result = coordinates(shape.get(attribute))
    assert len(result) == len(points)
    for found, point in zip(result, points, strict=True):
        assert found == pytest.approx(moved(matrix, point), abs=1.1e-3)
    if attribute == "d":
        assert re.sub(r"[^A-Z]", "", shape.get("d")) == re.sub(r"[^A-Z]", "", text)


def test_exponents_are_read():
    root = flattened('<g transform="matrix(1e2,0,0,-1e+1,0,5e-1)"><path d="M1e-2,-2.5e0"/></g>')
    (path,) = root.iter(f"{SVG}path")
    assert coordinates(path.get("d")) == [(1.0, 25.5)]


@pytest.mark.parametrize(
    "group",
    [
        '<g transform="matrix(2,0,0,2,1,1)"><text x="3" y="4">word</text></g>',
        '<g transform="matrix(2,0,0,2,1,1)"><path d="M0,0"/><text x="3" y="4">word</text></g>',
        '<g transform="rotate(90)"><path d="M0,0 L1,1"/></g>',
        '<g fill="none"><path d="M0,0 L1,1 Z"/></g>',
    ],
)
def test_other_groups_stay_as_they_are(group):
    before = ElementTree.fromstring(document(group))
    after = flattened(group)
    assert ElementTree.tostring(after) == ElementTree.tostring(before)


def test_the_result_is_declared_and_plain():
    text = repair(document('<g><path d="M0,0 L1,2" stroke="#fff"/></g>'), AREA).decode()
    assert text.startswith("<?xml version='1.0' encoding='utf-8'?>")
    assert "ns0:" not in text


def clip(number, left, top, right, bottom):
    corners = f"M{left},{top} L{right},{top} L{right},{bottom} L{left},{bottom} Z"
    return f'<clipPath id="clipPath{number}"><path d="{corners}"/></clipPath>'


def test_only_the_data_area_clips():
    """Qt draws an axis's line under the clip of the label before it: readers would hide it."""
    clips = clip(1, 10, 20, 111, 220) + clip(2, 0, 200, 30, 230)
    line = '<path d="M0,0 L1,2"/>'
    groups = "".join(f'<g clip-path="url(#clipPath{n})"><g>{line}</g></g>' for n in (1, 2))
    root = flattened(f"<defs>{clips}</defs>{groups}")
    found = [group.get("clip-path") for group in root if group.tag == f"{SVG}g"]
    assert found == ["url(#clipPath1)", None]


def test_empty_groups_go_and_fonts_are_those_that_readers_have():
    root = flattened('<g><g font-family="Sans Serif"></g></g><text font-family="x">y</text>')
    assert [child.tag for child in root] == [f"{SVG}text"]
    assert root[0].get("font-family").endswith("sans-serif")
