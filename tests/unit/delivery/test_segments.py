"""How long an SMS is, at each edge of TS 23.038 and TS 23.040."""

import pytest

from huifang.delivery.records import SmsLength
from huifang.delivery.rules.segments import measure


@pytest.mark.parametrize(
    ("text", "encoding", "units", "parts"),
    [
        ("", "gsm-7", 0, 1),
        ("a" * 160, "gsm-7", 160, 1),
        ("a" * 161, "gsm-7", 161, 2),
        ("a" * 306, "gsm-7", 306, 2),
        ("a" * 307, "gsm-7", 307, 3),
        ("€" * 80, "gsm-7", 160, 1),
        ("a" * 152 + "€" + "a" * 152, "gsm-7", 306, 3),
        ("回" * 70, "ucs-2", 70, 1),
        ("回" * 71, "ucs-2", 71, 2),
        ("回" * 134, "ucs-2", 134, 2),
        ("回" * 135, "ucs-2", 135, 3),
        ("😀" * 35, "ucs-2", 70, 1),
        ("回" * 66 + "😀" + "回" * 66, "ucs-2", 134, 3),
        ("é" * 160, "gsm-7", 160, 1),
        ("ê" * 71, "ucs-2", 71, 2),
    ],
)
def test_length(text: str, encoding: str, units: int, parts: int) -> None:
    assert measure(text) == SmsLength(encoding=encoding, units=units, parts=parts)
