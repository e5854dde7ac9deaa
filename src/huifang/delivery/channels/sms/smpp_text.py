"""Texts as SMPP carries them: the GSM alphabet or UCS-2, cut into parts, and the text of a receipt. Pure.

After 3GPP TS 23.038 and 23.040, and SMPP 3.4, 5.2.12, 5.2.19 and appendix B.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

GSM7, LATIN1, UCS2 = 0, 3, 8
_UDH_INDICATOR = 0x40
_ESCAPE = 0x1B
_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = {"\f": 10, "^": 20, "{": 40, "}": 41, "\\": 47, "[": 60, "~": 61, "]": 62, "|": 64, "€": 101}
_CODES = {letter: bytes([code]) for code, letter in enumerate(_BASIC) if code != _ESCAPE} | {
    letter: bytes([_ESCAPE, code]) for letter, code in _EXTENDED.items()
}
_BY_EXTENDED = {code: letter for letter, code in _EXTENDED.items()}
_RECEIPT = re.compile(r"\b(id|stat|err):\s*(\S+)", re.IGNORECASE)
UDH, SAR, PAYLOAD = "udh", "sar", "payload"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One submit_sm: *options* are its optional parameters by smpplib's names."""

    data_coding: int
    short_message: bytes
    esm_class: int = 0
    options: dict[str, int | bytes] = field(default_factory=dict)


def parts_of(text: str, *, reference: int, how: str) -> list[Part]:
    """*text* as one message or several that the handset joins; *reference* is the same for all of them."""
    coding, letters = _encoded(text)
    alone, each = (160, 153) if coding == GSM7 else (140, 134)
    whole = b"".join(letters)
    if len(whole) <= alone:
        return [Part(data_coding=coding, short_message=whole)]
    if how == PAYLOAD:
        return [Part(data_coding=coding, short_message=b"", options={"message_payload": whole})]
    pieces = list(_pieces(letters, each))
    total = len(pieces)
    if how == SAR:
        return [
            Part(
                data_coding=coding,
                short_message=piece,
                options={
                    "sar_msg_ref_num": reference & 0xFFFF,
                    "sar_total_segments": total,
                    "sar_segment_seqnum": number,
                },
            )
            for number, piece in enumerate(pieces, 1)
        ]
    return [
        Part(
            data_coding=coding,
            short_message=bytes([5, 0, 3, reference & 0xFF, total, number]) + piece,
            esm_class=_UDH_INDICATOR,
        )
        for number, piece in enumerate(pieces, 1)
    ]


def _encoded(text: str) -> tuple[int, list[bytes]]:
    """The coding, and each character in it: none of them may be cut in two."""
    if all(letter in _CODES for letter in text):
        return GSM7, [_CODES[letter] for letter in text]
    return UCS2, [letter.encode("utf-16-be", "replace") for letter in text]


def _pieces(letters: list[bytes], room: int) -> Iterator[bytes]:
    piece = b""
    for letter in letters:
        if len(piece) + len(letter) > room:
            yield piece
            piece = b""
        piece += letter
    yield piece


def decode(raw: bytes, *, data_coding: int, esm_class: int) -> str:
    """The text of a message that came in; what cannot be read is left out."""
    if esm_class & _UDH_INDICATOR and raw:
        raw = raw[raw[0] + 1 :]
    if data_coding == UCS2:
        return raw.decode("utf-16-be", "ignore")
    if data_coding == GSM7:
        return "".join(_gsm_letters(raw))
    return raw.decode("latin-1")


def _gsm_letters(raw: bytes) -> Iterator[str]:
    is_escaped = False
    for code in raw:
        if is_escaped:
            yield _BY_EXTENDED.get(code, "")
            is_escaped = False
        elif code == _ESCAPE:
            is_escaped = True
        elif code < len(_BASIC):
            yield _BASIC[code]


def receipt_fields(text: str) -> dict[str, str]:
    """``id``, ``stat`` and ``err`` of a delivery receipt, by name."""
    return {name.lower(): value for name, value in _RECEIPT.findall(text)}
