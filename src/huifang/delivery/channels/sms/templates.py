"""Templates that a provider has approved: finds the one that a text was written by, and its parameters. Pure.

An account keeps them as lines ``CODE = text as approved``. A parameter stands as ``${name}`` (Aliyun) or
``{1}`` (Tencent Cloud); a text that belongs to no template cannot be sent.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from huifang.delivery.errors import AccountInvalidError, DeliveryError

_PARAMETER = re.compile(r"\$?\{\s*(\w+)\s*\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """One approved text: *pieces* are what stands around its parameters, one more than these."""

    code: str
    names: tuple[str, ...]
    pieces: tuple[str, ...]

    def match(self, text: str) -> dict[str, str] | None:
        """The parameters by which this template becomes *text*; None where it cannot."""
        first, *others = self.pieces
        if not text.startswith(first):
            return None
        values: dict[str, str] = {}
        at = len(first)
        for place, (name, piece) in enumerate(zip(self.names, others, strict=True)):
            is_last = place == len(others) - 1
            end = _end(text, piece, at, is_last=is_last)
            value = text[at:end]
            if end < at or values.get(name, value) != value:
                return None
            values[name] = value
            at = end + len(piece)
        return values if at == len(text) else None


def _end(text: str, piece: str, start: int, *, is_last: bool) -> int:
    """Where a parameter ends that begins at *start* and is followed by *piece*; -1: nowhere."""
    if is_last:
        return len(text) - len(piece) if text.endswith(piece) else -1
    return text.find(piece, start)


def read(table: str) -> tuple[Template, ...]:
    """The templates of an account. Raises `AccountInvalidError`."""
    found = []
    for line in filter(None, (each.strip() for each in table.splitlines())):
        code, sign, text = (part.strip() for part in line.partition("="))
        pieces = _PARAMETER.split(text)[::2]
        # Two parameters side by side could be told apart by nobody.
        if not (sign and code and text) or not all(pieces[1:-1]):
            raise AccountInvalidError(field="templates")
        names = tuple(_PARAMETER.findall(text))
        found.append(Template(code=code, names=names, pieces=tuple(pieces)))
    return tuple(found)


def find(templates: Sequence[Template], text: str) -> tuple[Template, dict[str, str]]:
    """The template of *text* and its parameters. Raises `DeliveryError` where there is none."""
    for template in templates:
        values = template.match(text.strip())
        if values is not None:
            return template, values
    raise DeliveryError("no_template", permanent=True)
