"""Says what starts a plan, how many are enough, what an answer earns and when a plan stops itself."""

from collections.abc import Iterable, Sequence

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import get_language, gettext, gettext_noop, ngettext

from huifang.console.names import named
from huifang.customers.errors import UnknownSegmentError
from huifang.customers.queries import segment
from huifang.kernel.texts import pick, product_language
from huifang.plans import phrases
from huifang.plans.durations import say_duration
from huifang.plans.ready import segment_texts
from huifang.plans.records import (
    Breaker,
    Incentive,
    IncentiveKind,
    Occurrence,
    Prize,
    PrizeKind,
    PulsePeriod,
    Quota,
    QuotaCell,
    QuotaOf,
    QuotaPer,
    Repeat,
    Trigger,
    TriggerKind,
)

# What a customer does: for the first time, and each time.
EVENTS: dict[str, tuple[str, str]] = {
    "Registered": (gettext_noop("registers"), gettext_noop("registers")),
    "Payment Completed": (gettext_noop("first pays"), gettext_noop("pays")),
    "Payment Failed": (gettext_noop("first fails to pay"), gettext_noop("fails to pay")),
    "Transfer Completed": (gettext_noop("first transfers money"), gettext_noop("transfers money")),
    "Top Up Completed": (gettext_noop("first tops up"), gettext_noop("tops up")),
    "Withdrawal Completed": (gettext_noop("first withdraws money"), gettext_noop("withdraws money")),
    "Card Bound": (gettext_noop("binds a first card"), gettext_noop("binds a card")),
    "App Opened": (gettext_noop("first opens the app"), gettext_noop("opens the app")),
    "Feature Used": (gettext_noop("first uses a feature"), gettext_noop("uses a feature")),
    "Referral Made": (gettext_noop("first refers a friend"), gettext_noop("refers a friend")),
    "Service Call Ended": (gettext_noop("ends a first service call"), gettext_noop("ends a service call")),
    "Risk Alert Raised": (gettext_noop("causes a first risk alert"), gettext_noop("causes a risk alert")),
    "Wallet Device Set Up": (gettext_noop("sets up a first device"), gettext_noop("sets up a device")),
}

REGISTERED_AT = "registered_at"
_WITH_AMOUNT = frozenset(
    {
        "Payment Completed",
        "Payment Failed",
        "Transfer Completed",
        "Top Up Completed",
        "Withdrawal Completed",
    }
)
_PER = {
    QuotaPer.EVER: gettext_noop("in all"),
    QuotaPer.DAY: gettext_noop("a day"),
    QuotaPer.WEEK: gettext_noop("a week"),
    QuotaPer.MONTH: gettext_noop("a month"),
    QuotaPer.QUARTER: gettext_noop("a quarter"),
}
_CELLS = {
    QuotaCell.WALLET_KIND: gettext_noop("of each wallet kind"),
    QuotaCell.LANGUAGE: gettext_noop("in each language"),
    QuotaCell.REGION: gettext_noop("in each region"),
    QuotaCell.CHANNEL: gettext_noop("by each channel"),
}


def say_trigger(trigger: Trigger) -> str:
    """What a customer does, or lives through, to start the plan: goes on from "a customer"."""
    match trigger.kind:
        case TriggerKind.DATE:
            return _date(trigger)
        case TriggerKind.PULSE:
            return _pulse(trigger)
        case TriggerKind.SEGMENT:
            name = segment_name(trigger.segment_id)
            return (
                gettext("is in the segment “{name}”").format(name=name)
                if name
                else gettext("is in a segment")
            )
        case TriggerKind.LIST:
            return gettext("is on the list")
        case TriggerKind.FACT:
            return phrases.say_fact(trigger.fact)
    return _event(trigger)


def say_when(trigger: Trigger) -> str:
    """What more is to be said of the trigger: the least amount, the hour, the pace."""
    match trigger.kind:
        case TriggerKind.EVENT:
            has_amount = trigger.event not in EVENTS or trigger.event in _WITH_AMOUNT
            return say_amount(trigger) if has_amount or trigger.amount_at_least is not None else ""
        case TriggerKind.DATE | TriggerKind.PULSE:
            return gettext("at {time} by their clock").format(time=f"{trigger.at:%H:%M}")
        case TriggerKind.SEGMENT | TriggerKind.LIST:
            return _pace(trigger)
    return ""


def say_amount(trigger: Trigger) -> str:
    """The least amount of the event."""
    if trigger.amount_at_least is None:
        return gettext("any amount")
    return gettext("{amount} or more").format(amount=f"{trigger.amount_at_least:,.10g}")


def segment_name(segment_id: int | None) -> str:
    """What a segment is called, in the reader's language where it came with a plan; "" for none."""
    try:
        name = segment(segment_id=segment_id).name if segment_id is not None else ""
    except UnknownSegmentError:
        return ""
    return say_segment(name)


def say_segment(name: str) -> str:
    """The name of a segment; of one that came with a plan, in the reader's language."""
    return pick(segment_texts(name), product_language(get_language() or "")) or name


def event_choices(seen: Iterable[str]) -> list[str]:
    """Names of events to choose from: those that were seen, and those that wallets usually send."""
    return list(dict.fromkeys([*seen, *EVENTS]))


def _event(trigger: Trigger) -> str:
    if not trigger.event:
        return gettext("does something")
    is_first = trigger.occurrence is Occurrence.FIRST
    known = EVENTS.get(trigger.event)
    if known:
        return gettext(known[0] if is_first else known[1])
    text = gettext("first does “{event}”") if is_first else gettext("does “{event}”")
    return text.format(event=trigger.event)


def _date(trigger: Trigger) -> str:
    if not trigger.trait:
        return gettext("has a day of their own")
    is_known = trigger.trait == REGISTERED_AT
    name = (
        gettext("their day of registration")
        if is_known
        else gettext("their “{name}”").format(name=trigger.trait)
    )
    days = abs(trigger.offset_days)
    if trigger.offset_days > 0:
        text = ngettext("is %(days)d day past %(name)s", "is %(days)d days past %(name)s", days)
    elif trigger.offset_days < 0:
        text = ngettext("has %(days)d day to %(name)s", "has %(days)d days to %(name)s", days)
    else:
        text = gettext("has %(name)s")
    said = text % {"days": days, "name": name}
    return gettext("{what}, each year").format(what=said) if trigger.repeat is Repeat.YEARLY else said


def _pulse(trigger: Trigger) -> str:
    if trigger.period is PulsePeriod.QUARTER:
        return gettext("has their day of the quarter")
    days = trigger.every_days
    return ngettext("has their day, every day", "has their day, every %(days)d days", days) % {"days": days}


def _pace(trigger: Trigger) -> str:
    parts = [gettext("as soon as it is live")]
    if trigger.starts_at:
        moment = timezone.localtime(trigger.starts_at)
        parts = [gettext("from {moment}").format(moment=date_format(moment, "SHORT_DATETIME_FORMAT"))]
    if trigger.spread_hours:
        hours = trigger.spread_hours
        parts.append(ngettext("over %(hours)d hour", "over %(hours)d hours", hours) % {"hours": hours})
    if trigger.per_day_max:
        most = trigger.per_day_max
        parts.append(
            ngettext("at most %(people)s person a day", "at most %(people)s people a day", most)
            % {"people": f"{most:,}"}
        )
    return gettext(", ").join(parts)


def say_quota(quota: Quota) -> str:
    """One quota: goes on from "more than"."""
    if quota.of is QuotaOf.ANSWERS:
        of = ngettext("%(number)s answer", "%(number)s answers", quota.limit)
    else:
        of = ngettext("%(number)s person asked", "%(number)s people asked", quota.limit)
    of %= {"number": f"{quota.limit:,}"}
    said = gettext("{of} {per}").format(of=of, per=gettext(_PER[quota.per]))
    if quota.cell is QuotaCell.ALL:
        return said
    only = named(quota.cell.value, quota.only) if quota.only else ""
    cell = gettext("of “{only}”").format(only=only) if only else gettext(_CELLS[quota.cell])
    return gettext("{quota}, {cell}").format(quota=said, cell=cell)


def say_prize(prize: Prize) -> str:
    """What one prize is called."""
    name = pick(prize.name, product_language(get_language() or ""))
    if prize.kind is PrizeKind.POINTS and prize.points:
        points = ngettext("%(number)s point", "%(number)s points", prize.points) % {
            "number": f"{prize.points:,}"
        }
        return gettext("{name} ({points})").format(name=name, points=points) if name else points
    return name or gettext("nothing")


def say_incentive(incentive: Incentive) -> str:
    """What an answer earns."""
    prizes = gettext(", ").join(say_prize(prize) for prize in incentive.prizes)
    if incentive.kind is IncentiveKind.RANDOM:
        return gettext("one of these by lot: {prizes}").format(prizes=prizes)
    return prizes


def say_money(hundredths: int, currency: str) -> str:
    """An amount with its currency."""
    return gettext("{amount} {currency}").format(amount=f"{hundredths / 100:,.2f}", currency=currency)


def say_budget(incentive: Incentive | None) -> str:
    """What all rewards together may cost; "" where they cost nothing."""
    return say_money(incentive.budget, incentive.currency) if incentive and incentive.budget else ""


def say_breaker(breaker: Breaker) -> Sequence[str]:
    """The parts of "pauses itself": share that fails, share that says no, the least base, the window."""
    return (
        f"{breaker.failed_basis_points / 100:g}%",
        f"{breaker.refused_basis_points / 100:g}%",
        f"{breaker.base_min:,}",
        say_duration(breaker.window),
    )
