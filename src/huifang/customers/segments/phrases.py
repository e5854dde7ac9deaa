"""Says a segment's conditions in words, in the reader's language."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy, ngettext
from django.utils.translation import gettext_lazy as _

from huifang.console import names
from huifang.customers.records import EVERY
from huifang.customers.segments.definition import (
    All,
    AnyOf,
    Condition,
    Consent,
    Did,
    Field,
    LeftAlone,
    Not,
    Property,
    Reachable,
    Trait,
    When,
)
from huifang.decisions.conditions import Op

FIELD_NAMES: Mapping[str, object] = {
    "wallet_kind": _("wallet"),
    "language": _("language"),
    "region": _("region"),
    "country": _("country"),
    "time_zone": _("time zone"),
}
DATE_NAMES: Mapping[str, object] = {
    "first_seen_at": _("first seen"),
    "last_seen_at": _("last seen"),
    "registered_at": _("registered"),
}
OP_NAMES: Mapping[Op, object] = {
    Op.IS: _("is"),
    Op.IS_NOT: _("is not"),
    Op.IN: _("is one of"),
    Op.AT_LEAST: _("is at least"),
    Op.AT_MOST: _("is at most"),
    Op.CONTAINS: _("contains"),
    Op.EXISTS: _("is known"),
    Op.MISSING: _("is unknown"),
}
_VALUE_NAMES = {"wallet_kind": "wallet_kind", "language": "language"}
EVERYBODY = gettext_lazy("everybody")


def sentence(condition: Condition) -> str:
    """The whole in one line."""
    if isinstance(condition, All | AnyOf | Not):
        return _group(condition)
    return _leaf(condition)


def _group(group: All | AnyOf | Not) -> str:
    inner = [f"({sentence(each)})" if _is_wide(each) else sentence(each) for each in group.of]
    if not inner:
        return str(EVERYBODY)
    if isinstance(group, All):
        return gettext(" and ").join(inner)
    joined = gettext(" or ").join(inner)
    return gettext("not: {conditions}").format(conditions=joined) if isinstance(group, Not) else joined


def _is_wide(condition: Condition) -> bool:
    return isinstance(condition, All | AnyOf) and len(condition.of) > 1


def _leaf(leaf: Condition) -> str:
    if isinstance(leaf, Field):
        return _compared(str(FIELD_NAMES[leaf.name]), leaf, _VALUE_NAMES.get(leaf.name, ""))
    if isinstance(leaf, Trait):
        return _compared(leaf.name, leaf, "")
    if isinstance(leaf, Reachable):
        return gettext("reachable by {channel}").format(channel=names.named("channel", leaf.channel))
    if isinstance(leaf, Consent):
        return _consent(leaf)
    if isinstance(leaf, LeftAlone):
        return gettext("asked to be left alone")
    if isinstance(leaf, When):
        return _when(leaf)
    assert isinstance(leaf, Did)
    return _did(leaf)


def _compared(name: str, leaf: Field | Trait | Property, names_of: str) -> str:
    op = str(OP_NAMES[leaf.op])
    if leaf.value is None:
        return gettext("{name} {comparison}").format(name=name, comparison=op)
    values = leaf.value if isinstance(leaf.value, tuple) else (leaf.value,)
    told = [names.named(names_of, str(each)) if names_of else str(each) for each in values]
    return gettext("{name} {comparison} {value}").format(
        name=name, comparison=op, value=gettext(", ").join(map(str, told))
    )


def _consent(leaf: Consent) -> str:
    purpose = names.named("purpose", leaf.purpose)
    if leaf.channel == EVERY:
        return gettext("consented: {purpose}").format(purpose=purpose)
    channel = names.named("channel", leaf.channel)
    return gettext("consented: {purpose} by {channel}").format(purpose=purpose, channel=channel)


def _when(leaf: When) -> str:
    what = leaf.what.removeprefix("trait:")
    name = str(DATE_NAMES.get(leaf.what, what))
    start, end = leaf.from_days, leaf.until_days
    if start is not None and end is not None:
        return gettext("{date} from day {start} to day {end} from today").format(
            date=name, start=f"{start:+d}", end=f"{end:+d}"
        )
    if start is not None:
        if start <= 0:
            text = ngettext("{date} in the last {count} day", "{date} in the last {count} days", -start)
            return text.format(date=name, count=-start)
        text = ngettext("{date} in {count} day or later", "{date} in {count} days or later", start)
        return text.format(date=name, count=start)
    assert end is not None
    if end <= 0:
        text = ngettext("{date} over {count} day ago", "{date} over {count} days ago", -end)
        return text.format(date=name, count=-end)
    text = ngettext("{date} within {count} day or earlier", "{date} within {count} days or earlier", end)
    return text.format(date=name, count=end)


def _did(leaf: Did) -> str:
    parts = [_times(leaf)]
    if leaf.amount_at_least is not None:
        parts.append(gettext("for {amount} or more in all").format(amount=f"{leaf.amount_at_least:g}"))
    if leaf.amount_at_most is not None:
        parts.append(gettext("for {amount} or less in all").format(amount=f"{leaf.amount_at_most:g}"))
    parts += [
        gettext("where {condition}").format(condition=_compared(each.name, each, "")) for each in leaf.where
    ]
    if leaf.within_days is not None:
        text = ngettext("in the last {days} day", "in the last {days} days", leaf.within_days)
        parts.append(text.format(days=leaf.within_days))
    if leaf.first_within_days is not None:
        days = leaf.first_within_days
        text = ngettext("first in the last {days} day", "first in the last {days} days", days)
        parts.append(text.format(days=days))
    if leaf.last_before_days is not None:
        days = leaf.last_before_days
        parts.append(
            ngettext("last over {days} day ago", "last over {days} days ago", days).format(days=days)
        )
    return " ".join(parts)


def _times(leaf: Did) -> str:
    event, least, most = leaf.event, leaf.at_least, leaf.at_most
    if most == 0:
        return gettext("never did “{event}”").format(event=event)
    if most is None and least <= 1:
        return gettext("did “{event}”").format(event=event)
    if most is None:
        text = ngettext("did “{event}” at least {count} time", "did “{event}” at least {count} times", least)
        return text.format(event=event, count=least)
    if most == least:
        text = ngettext("did “{event}” just {count} time", "did “{event}” just {count} times", least)
        return text.format(event=event, count=least)
    if least <= 0:
        text = ngettext("did “{event}” at most {count} time", "did “{event}” at most {count} times", most)
        return text.format(event=event, count=most)
    return gettext("did “{event}” {least} to {most} times").format(event=event, least=least, most=most)
