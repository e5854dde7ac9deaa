"""Says things to the person at the terminal: one line each, plain text."""

import sys


def line(text: str = "") -> None:
    """Say one line."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def complaint(text: str) -> None:
    """Say why something was refused, where errors go."""
    sys.stderr.write(f"huifang: {text}\n")
    sys.stderr.flush()


def done(what: str, seconds: float, note: str = "") -> None:
    """Say that a step succeeded and how long it took."""
    line(f"  ✓ {what:<28}{seconds:>6.1f} s  {note}".rstrip())
