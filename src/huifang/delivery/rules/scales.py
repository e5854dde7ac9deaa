"""How the first question's answers are asked for where a text is answered by a text. Pure."""

from collections.abc import Callable, Sequence

from huifang.kernel.refusals import gettext_noop

ANSWERED_BY_REPLY = frozenset({"sms", "im"})
_NUMBERS = gettext_noop("Reply with a number from {first} ({worst}) to {last} ({best})")
_PLAIN_NUMBERS = gettext_noop("Reply with a number from {first} to {last}")
_ONE_OF = gettext_noop("Reply with one of: {answers}")


def reply_hint(choices: Sequence[tuple[str, str]], translate: Callable[[str], str]) -> str:
    """What to reply, for *choices* as (value, label) in their order."""
    values = [value for value, _ in choices]
    if not _is_row(values):
        listed = "; ".join(f"{value} = {label}" if label != value else value for value, label in choices)
        return translate(_ONE_OF).format(answers=listed)
    (first, worst), (last, best) = (
        (value, _said(value, label)) for value, label in (choices[0], choices[-1])
    )
    if worst == first or best == last:
        return translate(_PLAIN_NUMBERS).format(first=first, last=last)
    return translate(_NUMBERS).format(first=first, last=last, worst=worst, best=best)


def _said(value: str, label: str) -> str:
    """What a label says beside its number."""
    return label.removeprefix(value).strip() or value


def _is_row(values: Sequence[str]) -> bool:
    """Whether *values* are numbers that follow each other."""
    if len(values) < 2 or not all(value.isascii() and value.isdigit() for value in values):
        return False
    numbers = [int(value) for value in values]
    return numbers == list(range(numbers[0], numbers[0] + len(numbers)))
