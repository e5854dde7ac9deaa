"""Numbers as they are shown, and lengths for SVG. Pure."""

_MINUS = "−"


def grouped(value: float, places: int = 0) -> str:
    """*value* with thousands set apart and a true minus: −4,812."""
    text = f"{abs(value):,.{places}f}"
    return f"{_MINUS}{text}" if value < 0 and text.strip("0.,") else text


def in_percent(fraction: float, places: int = 1) -> str:
    """A fraction in hundredths, without the sign: 0.403 is "40.3"."""
    return grouped(fraction * 100, places)


def position_on(value: float, low: float, high: float) -> str:
    """Where *value* lies from *low* to *high* in percent, for SVG: two decimals at most, never outside."""
    if high <= low:
        return "0%"
    part = min(max((value - low) / (high - low), 0.0), 1.0)
    return f"{part * 100:.2f}".rstrip("0").rstrip(".") + "%"
