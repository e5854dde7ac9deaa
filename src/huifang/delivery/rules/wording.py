"""Templates with ``{name}`` placeholders: checked when saved, filled whole or not at all. Pure."""

import re
from collections.abc import Collection, Mapping
from functools import lru_cache

from huifang.delivery.errors import PlaceholderBrokenError, PlaceholderUnknownError, VariableMissingError
from huifang.kernel.refusals import gettext_noop

# What a template may name, and what stands there in the end.
PLACEHOLDERS: dict[str, str] = {
    "link": gettext_noop("the address of the questionnaire"),
    "wallet_name": gettext_noop("the name of the wallet"),
    "plan_name": gettext_noop("the name of the plan"),
    "preference_link": gettext_noop("the address at which the customer chooses, or refuses"),
    "amount": gettext_noop("the amount of the payment, where the event has one"),
    "currency": gettext_noop("the currency of the payment, where the event has one"),
    "merchant": gettext_noop("whom the customer paid, where the event says so"),
    "scale": gettext_noop("the first question's answers: buttons in mail, “reply 1 to 5” in an SMS"),
    "seconds": gettext_noop("how many seconds the questionnaire takes"),
    "when": gettext_noop("when the contact that a notice announces will come"),
}
_PIECE = re.compile(r"\{\{|\}\}|\{([a-z][a-z0-9_]*)\}|[{}]")


def placeholders(text: str) -> frozenset[str]:
    """The placeholders that *text* names. Raises `PlaceholderBrokenError`."""
    found = set()
    for piece in _PIECE.finditer(text):
        if piece.group() in ("{", "}"):
            raise PlaceholderBrokenError(near=text[max(0, piece.start() - 10) : piece.end() + 20])
        if piece.group(1):
            found.add(piece.group(1))
    return frozenset(found)


def check(texts: Mapping[str, str], known: Collection[str]) -> frozenset[str]:
    """The placeholders that *texts* name between them.

    Raises `PlaceholderUnknownError` where one is not in *known*, and `PlaceholderBrokenError`.
    """
    used: set[str] = set()
    for text in texts.values():
        used |= placeholders(text)
    for name in sorted(used - set(known)):
        raise PlaceholderUnknownError(placeholder=f"{{{name}}}", known=", ".join(sorted(known)))
    return frozenset(used)


def fill(text: str, variables: Mapping[str, str]) -> str:
    """*text* with every placeholder filled. Raises `VariableMissingError`: never half a message.

    Values are put in as they are: a brace in one is a brace.
    """
    filled = []
    for plain, name in _pieces(text):
        filled.append(plain)
        if name:
            value = variables.get(name, "")
            if not value:
                raise VariableMissingError(name)
            filled.append(value)
    return "".join(filled)


@lru_cache(maxsize=2000)
def _pieces(text: str) -> tuple[tuple[str, str], ...]:
    """The text as (what stands before, placeholder or "") in order; a template is sent many times."""
    placeholders(text)
    pieces, end = [], 0
    for found in _PIECE.finditer(text):
        doubled = "" if found.group(1) else found.group()[0]
        pieces.append((text[end : found.start()] + doubled, found.group(1) or ""))
        end = found.end()
    return (*pieces, (text[end:], ""))
