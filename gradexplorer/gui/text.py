"""Numbers as a person reads them."""

from __future__ import annotations

import math

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPT = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def magnitude(value: float) -> str:
    """Return three digits of a magnitude, with zero, NaN and infinity in words."""
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "infinite"
    if value == 0.0:
        return "0 exactly"
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.3g}" if abs(value) < 999.5 else f"{value:,.0f}"
    digits, exponent = f"{value:.2e}".split("e")
    return f"{digits}·{power_of_ten(int(exponent))}"


def signed(value: float) -> str:
    """Return three digits of a number that may be negative."""
    if value == 0.0:
        return "0"
    return ("−" if value < 0.0 else "") + magnitude(abs(value))


def power_of_ten(exponent: int) -> str:
    """Return e.g. ``10⁻³``."""
    return "10" + superscript(exponent)


def superscript(number: int) -> str:
    """Return e.g. ``¹²``."""
    return str(number).translate(_SUPERSCRIPT)


def subscript(number: int) -> str:
    """Return e.g. ``₁₂``."""
    return str(number).translate(_SUBSCRIPT)


def duration(seconds: float) -> str:
    """Return a time span in its two largest units."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def rate(per_second: float) -> str:
    """Return a speed in updates a second."""
    return f"{per_second:,.0f}/s" if per_second >= 10 else f"{per_second:.1f}/s"
