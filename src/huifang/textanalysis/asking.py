"""Finds the question in what somebody wrote, without the story around it. Pure."""

import re

_CLAUSE = re.compile(r"[^，。！？；,.!?;\n]+[！？!?]*")
_LENGTH = range(6, 161)
# A question that is asked, not a complaint in the form of one ("what are you doing?").
_ASKS = re.compile(
    r"^(?:(?:and|but|so|hi|hello|sir|please|pls) )*(?:"
    r"how (?:do|does|can|could|to|long|much|many|often)\b"
    r"|(?:can|could|may|do|should) i\b|is there (?:a|any)\b"
    r"|(?:what|which|where|when|who|is|are|does|will|can)\b.*[?？])"
    r"|怎么|怎样|如何|哪里|哪儿|哪个|多久|多少|几天|什么时候|能不能|可不可以|是不是|有没有|是否|[吗呢][？?]?$",
    re.IGNORECASE,
)
_SCOLDS = re.compile(
    r"\b(?:you (?:guys )?(?:doing|people)|wrong with|the hell|how (?:dare|come)|who cares)\b"
    r"|凭什么|怎么(?:这么|回事|搞)|有没有搞错",
    re.IGNORECASE,
)


def question_of(text: str) -> str:
    """The first clause of *text* that asks something an answer could be given to; "" where none does."""
    for clause in _CLAUSE.finditer(text):
        words = clause.group().strip()
        if len(words) in _LENGTH and _ASKS.search(words) and not _SCOLDS.search(words):
            return words
    return ""
