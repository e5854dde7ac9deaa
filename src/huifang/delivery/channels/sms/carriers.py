"""What Chinese carriers report of a message, as their resellers pass it on. Pure."""

# China Mobile's "no such subscriber", which Aliyun and Tencent Cloud hand through, and their words for it.
_DEAD_CODES = frozenset({"MK:0001", "MN:0001", "MOBILE_NOT_EXIST", "NUMBER_NOT_EXIST"})
_DEAD_WORDS = ("空号", "号码不存在", "does not exist", "invalid number")
_REFUSED_WORDS = ("退订", "黑名单", "拒收", "blacklist", "unsubscribed")


def is_dead(code: str, text: str) -> bool:
    """Whether the number is nobody's."""
    return code.upper() in _DEAD_CODES or any(word in text.lower() for word in _DEAD_WORDS)


def is_refused(text: str) -> bool:
    """Whether the customer, or the carrier for them, wants no such messages."""
    return any(word in text.lower() for word in _REFUSED_WORDS)
