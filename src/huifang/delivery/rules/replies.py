"""Whether a customer's reply is a "no". In doubt it is one. Pure."""

import re
import unicodedata

# The words that GSMA members and Chinese carriers make known to customers; "R" and "T" as in "回T退订".
_WHOLE = frozenset({"t", "td", "r", "n", "停", "停止", "拒收", "退", "取消"})
_FIRST = frozenset({"stop", "stopall", "unsubscribe", "optout", "opt-out", "end", "quit", "cancel", "revoke"})
_ANYWHERE = ("退订", "退訂", "不要再发", "别再发", "勿扰")
_EDGES = re.compile(r"^[\W_]+|[\W_]+$")


def is_refusal(text: str) -> bool:
    """Whether *text* asks for silence, whatever its case, width, spaces and punctuation."""
    plain = _EDGES.sub("", unicodedata.normalize("NFKC", text).casefold())
    if plain in _WHOLE or any(phrase in plain for phrase in _ANYWHERE):
        return True
    words = re.split(r"[^\w-]+", plain, maxsplit=1)
    return words[0] in _FIRST
