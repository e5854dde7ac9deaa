"""How long an SMS is: its alphabet, its units, and the parts that are paid for. Pure.

After 3GPP TS 23.038 (alphabet) and TS 23.040 (concatenation): 160 septets alone or 153 a part,
70 UTF-16 units alone or 67 a part. A character is never split between two parts.
"""

from collections.abc import Iterable

from huifang.delivery.records import SmsLength

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")


def measure(text: str) -> SmsLength:
    """The length of *text* as an SMS; an empty one is one part."""
    if all(letter in _BASIC or letter in _EXTENDED for letter in text):
        widths = [2 if letter in _EXTENDED else 1 for letter in text]
        return SmsLength(encoding="gsm-7", units=sum(widths), parts=_parts(widths, alone=160, each=153))
    widths = [2 if ord(letter) > 0xFFFF else 1 for letter in text]
    return SmsLength(encoding="ucs-2", units=sum(widths), parts=_parts(widths, alone=70, each=67))


def _parts(widths: Iterable[int], *, alone: int, each: int) -> int:
    widths = list(widths)
    if sum(widths) <= alone:
        return 1
    parts, room = 1, each
    for width in widths:
        if width > room:
            parts, room = parts + 1, each
        room -= width
    return parts
