"""What the product refuses on purpose: a stable code, facts, and a text to translate. No Django."""

from typing import ClassVar


def gettext_noop(text: str) -> str:
    """Mark *text* for translation; ``makemessages`` finds it by this function's name."""
    return text


class Refusal(Exception):
    """A refusal that screens, API and command line each show their way.

    Subclasses set ``code`` (stable), ``text`` (with ``{fact}`` placeholders) and, where 409 is wrong,
    ``status`` (of HTTP).
    """

    code: ClassVar[str] = "refused"
    text: ClassVar[str] = gettext_noop("This cannot be done.")
    status: ClassVar[int] = 409

    def __init__(self, **facts: object) -> None:
        super().__init__(self.text.format(**facts))
        self.facts = facts
