"""Groups, measures, numbers and doubts in the reader's words."""

from collections.abc import Mapping
from math import isfinite

from django.utils.translation import get_language, gettext, ngettext

from huifang.console.figures import grouped, in_percent
from huifang.console.names import named
from huifang.insights.metrics.readings import Change, Doubt, Reading, Unit
from huifang.kernel.refusals import gettext_noop
from huifang.kernel.texts import pick, product_language
from huifang.plans import queries as plans
from huifang.questionnaires import queries as questionnaires

CUT_TITLES = {
    "plan": gettext_noop("Plan"),
    "channel": gettext_noop("Channel"),
    "wallet": gettext_noop("Wallet"),
    "version": gettext_noop("App version"),
    "region": gettext_noop("Region"),
    "language": gettext_noop("Language"),
    "event": gettext_noop("Trigger event"),
    "questionnaire": gettext_noop("Questionnaire"),
}
UNIT_TITLES = {
    "day": gettext_noop("by day"),
    "week": gettext_noop("by week"),
    "month": gettext_noop("by month"),
}
STEP_TITLES = {
    "eligible": gettext_noop("Eligible"),
    "contacted": gettext_noop("Contacted"),
    "reached": gettext_noop("Reached"),
    "followed": gettext_noop("Followed the link"),
    "started": gettext_noop("Began to answer"),
    "completed": gettext_noop("Finished"),
}
_NAMED = {"channel": "channel", "wallet": "wallet_kind", "language": "language", "event": "event"}
_MINUTE, _HOUR, _DAY = 60, 3600, 86400


class Names:
    """Names of the groups of one page; plans and questionnaires are looked up once."""

    def __init__(self) -> None:
        language = product_language(get_language() or "")
        self.plans = {str(line.id): pick(line.name, language) for line in plans.plans()}
        known: Mapping[int, Mapping[str, str]] = questionnaires.extracts.names()
        self._questionnaires = {str(each): pick(dict(name), language) for each, name in known.items()}

    def of(self, cut: str, value: str) -> str:
        """The group *value* of *cut* as it is shown."""
        if not value:
            return gettext("by hand") if cut == "plan" else gettext("not known")
        if cut == "plan":
            return self.plans.get(value, value)
        if cut == "questionnaire":
            return self._questionnaires.get(value, value)
        return named(_NAMED[cut], value) if cut in _NAMED else value


def figure(value: float | None, unit: Unit | str, *, signed: bool = False) -> str:
    """A number of a measure: 40.3%, +12, 5.4, 2 h 10 min."""
    if value is None or not isfinite(value):
        return "–"
    sign = "+" if signed and value > 0 else ""
    if unit == Unit.SHARE:
        return f"{sign}{in_percent(value, 1)}%"
    if unit == Unit.SECONDS:
        return sign + ("−" if value < 0 else "") + duration(abs(value))
    return sign + grouped(value, 0 if unit == Unit.NPS else 1)


def duration(seconds: float) -> str:
    """Seconds as one would say them, in at most two units."""
    whole = round(seconds)
    if whole < _MINUTE:
        return gettext("{seconds} s").format(seconds=whole)
    if whole < _HOUR:
        return gettext("{minutes} min").format(minutes=whole // _MINUTE)
    if whole < _DAY:
        return gettext("{hours} h {minutes} min").format(
            hours=whole // _HOUR, minutes=whole % _HOUR // _MINUTE
        )
    return gettext("{days} d {hours} h").format(days=whole // _DAY, hours=whole % _DAY // _HOUR)


def bounds(low: float, high: float, unit: Unit | str, *, signed: bool = False) -> str:
    """An interval: "38.8–41.8%", "−12 – 4"; words where it has no ends."""
    if not (isfinite(low) and isfinite(high)):
        return gettext("too few for an interval")
    ends = figure(low, unit, signed=signed), figure(high, unit, signed=signed)
    if unit == Unit.SHARE and not signed:
        ends = ends[0].removesuffix("%"), ends[1]
    joint = " – " if signed or low < 0 or unit == Unit.SECONDS else "–"
    return joint.join(ends)


def doubt(reading: Reading) -> str:
    """Why a number should not be leaned on, in words; "" where there is no such reason."""
    if reading.doubt is Doubt.FEW:
        return ngettext("small base: only {count}", "small base: only {count}", reading.base).format(
            count=grouped(reading.base)
        )
    return gettext("wide interval") if reading.doubt is Doubt.WIDE else ""


def verdict(change: Change) -> str:
    """What a difference amounts to, in words."""
    if change.difference is None:
        return gettext("nothing to compare with")
    return {1: gettext("clearly more"), -1: gettext("clearly less"), 0: gettext("no clear difference")}[
        change.direction
    ]
