"""What needs a person now: one row a matter, with why, and one act. What nobody may act on is not shown."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language, gettext, ngettext

from huifang.console.names import actor, named
from huifang.delivery import queries as delivery
from huifang.delivery.records import AttemptState
from huifang.events import queries as events
from huifang.kernel import outbox, space
from huifang.kernel.texts import pick, product_language
from huifang.plans import queries as plans
from huifang.plans.records import PlanLine, VersionState
from huifang.questionnaires import queries as questionnaires
from huifang.questionnaires.records import ResponseFilter
from huifang.textanalysis import queries as texts
from huifang.textanalysis.records import Alert

_DAY = timedelta(days=1)
_FAILED_SHARE = 0.1
_FAILED_BASE = 20


class Urgency(StrEnum):
    """By when it wants a person."""

    NOW = "now"
    TODAY = "today"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One row of Today. *mark* is said first, in the colour of *tone* (bad, warn or ""); *why* below."""

    urgency: Urgency
    mark: str
    note: str
    tone: str
    kind: str
    what: str
    why: str
    act: str
    url: str
    permission: str


def by_urgency(*, now: datetime, permissions: Collection[str]) -> list[tuple[Urgency, list[Duty]]]:
    """Everything that waits for somebody with *permissions*, the most urgent first."""
    found = [
        duty
        for source in (
            _disk,
            _paused_plans,
            _channels,
            _parked_facts,
            _rising,
            _attempts,
            _low_scores,
            _rejected,
            _drafts,
        )
        for duty in source(now)
        if duty.permission in permissions and duty.url
    ]
    groups = [(urgency, [duty for duty in found if duty.urgency == urgency]) for urgency in Urgency]
    return [(urgency, duties) for urgency, duties in groups if duties]


def _url(name: str, *args: object, query: str = "") -> str:
    try:
        return reverse(name, args=args) + (f"?{query}" if query else "")
    except NoReverseMatch:
        return ""


def _name(line: PlanLine) -> str:
    return pick(line.name, product_language(get_language() or ""))


def _disk(now: datetime) -> Iterator[Duty]:
    free = space.free_bytes()
    if free < space.LOW_BYTES:
        is_scarce = free < space.SCARCE_BYTES
        full = gettext("The disk is full: nothing more can be stored")
        yield Duty(
            urgency=Urgency.NOW if is_scarce else Urgency.TODAY,
            mark=f"{free / 1e9:.1f} GB",
            note=gettext("left"),
            tone="bad" if is_scarce else "warn",
            kind=gettext("This machine"),
            what=full if space.is_full() else gettext("The disk is nearly full"),
            why=gettext(
                "Free some space where the data lies. On a full disk events and answers are refused, to be"
                " sent again, and messages wait. Nothing that was confirmed is lost."
            ),
            act=gettext("Open the settings"),
            url=_url("console:settings"),
            permission="settings.view",
        )


def _paused_plans(now: datetime) -> Iterator[Duty]:
    for line in plans.plans():
        if line.state == VersionState.PAUSED:
            yield Duty(
                urgency=Urgency.NOW,
                mark=gettext("paused"),
                note=gettext("v{number}").format(number=line.live_version),
                tone="bad",
                kind=gettext("Plan"),
                what=gettext("{name} is paused").format(name=_name(line)),
                why=_why_paused(line),
                act=gettext("Look at it"),
                url=_url("plans:plan", line.id),
                permission="plans.view",
            )


def _why_paused(line: PlanLine) -> str:
    if line.paused_by != "breaker":
        rest = gettext("Nobody enters it, and its due contacts wait until it goes on or is ended.")
        who = actor(line.paused_by)
        return gettext("By {who}. {rest}").format(who=who, rest=rest) if line.paused_by else rest
    if line.paused_because == "failed":
        return gettext("It paused itself because too many contacts failed. Find out why, then let it go on.")
    return gettext("It paused itself because too many customers said no. Find out why, then let it go on.")


def _channels(now: datetime) -> Iterator[Duty]:
    accounts = delivery.channel_accounts()
    usable = {account.channel for account in accounts if account.is_enabled}
    wanted = {
        step.channel
        for line in plans.plans()
        if line.state == VersionState.ACTIVE
        for step in line.definition.steps
        if step.channel != "in_app"
    }
    for channel in sorted(wanted - usable):
        yield Duty(
            urgency=Urgency.NOW,
            mark=gettext("no provider"),
            note="",
            tone="bad",
            kind=gettext("Channel"),
            what=gettext("A live plan uses {channel}, but no provider is set up").format(
                channel=named("channel", channel)
            ),
            why=gettext("Those contacts wait, and end unsent when they are too late."),
            act=gettext("Set one up"),
            url=_url("delivery:channels"),
            permission="settings.view",
        )


def _parked_facts(now: datetime) -> Iterator[Duty]:
    count = outbox.parked_count()
    if count:
        yield Duty(
            urgency=Urgency.NOW,
            mark=gettext("stuck"),
            note="",
            tone="bad",
            kind=gettext("Outbox"),
            what=ngettext("{count} fact is parked", "{count} facts are parked", count).format(count=count),
            why=gettext("A listener failed twelve times. What it should have done has not been done."),
            act=gettext("Look and retry"),
            url=_url("console:outbox"),
            permission="settings.view",
        )


def _attempts(now: datetime) -> Iterator[Duty]:
    counted = delivery.attempt_counts(start=now - _DAY, end=now, by=("state",))
    states = {each.group[0]: each.count for each in counted}
    failed = states.get(AttemptState.FAILED, 0)
    handed_over = failed + states.get(AttemptState.ACCEPTED, 0) + states.get(AttemptState.DELIVERED, 0)
    if handed_over >= _FAILED_BASE and failed / handed_over >= _FAILED_SHARE:
        yield Duty(
            urgency=Urgency.TODAY,
            mark=f"{failed / handed_over:.0%}",
            note=gettext("last 24 hours"),
            tone="bad",
            kind=gettext("Delivery"),
            what=gettext("{failed} of {total} attempts failed").format(failed=failed, total=handed_over),
            why=gettext("One in ten is a lot: look at which provider and which reason."),
            act=gettext("See them"),
            url=_url("delivery:attempts", query="state=failed"),
            permission="customers.view",
        )
    unknown = states.get(AttemptState.UNKNOWN, 0)
    if unknown:
        yield Duty(
            urgency=Urgency.WEEK,
            mark=str(unknown),
            note=gettext("last 24 hours"),
            tone="",
            kind=gettext("Delivery"),
            what=gettext("Attempts of which the provider never said what became of them"),
            why=gettext("They count as contacts and are not sent again."),
            act=gettext("See them"),
            url=_url("delivery:attempts", query="state=unknown"),
            permission="customers.view",
        )


def _rising(now: datetime) -> Iterator[Duty]:
    for alert in texts.alerts(open_only=True):
        name = pick(alert.name, product_language(get_language() or "")) or alert.topic
        yield Duty(
            urgency=Urgency.TODAY,
            mark=str(alert.count),
            note=_where(alert) or gettext("last 24 hours"),
            tone="bad",
            kind=gettext("Feedback"),
            what=gettext("More and more speak of: {topic}").format(topic=name),
            why=gettext(
                "Usual are {expected} in a day. Read what they say, and what they have in common."
            ).format(expected=f"{alert.expected:.1f}"),
            act=gettext("See the evidence"),
            url=_url("textanalysis:alerts"),
            permission="feedback.view",
        )


def _where(alert: Alert) -> str:
    """The version, region, event or channel in which a topic rises; "" where it is everywhere."""
    if alert.by in {"event", "channel"}:
        return named(alert.by, alert.value)
    return alert.value


def _low_scores(now: datetime) -> Iterator[Duty]:
    count = questionnaires.response_count(only=ResponseFilter(start=now - _DAY, end=now, is_low=True))
    if count:
        yield Duty(
            urgency=Urgency.TODAY,
            mark=str(count),
            note=gettext("last 24 hours"),
            tone="warn",
            kind=gettext("Feedback"),
            what=ngettext(
                "{count} customer was not content", "{count} customers were not content", count
            ).format(count=count),
            why=gettext("Read what they wrote while they still remember it."),
            act=gettext("Read"),
            url=_url("questionnaires:feedback", query="low=yes"),
            permission="feedback.view",
        )


def _rejected(now: datetime) -> Iterator[Duty]:
    codes = events.rejected_codes()
    count = sum(codes.values())
    if count:
        most = max(codes, key=lambda code: codes[code])
        yield Duty(
            urgency=Urgency.TODAY,
            mark=str(count),
            note=gettext("waiting"),
            tone="warn",
            kind=gettext("Events"),
            what=gettext("Events of the wallet were rejected"),
            why=gettext("Mostly because: {reason} They can be replayed once it is mended.").format(
                reason=events.rejection_text(code=most)
            ),
            act=gettext("See them"),
            url=_url("events:rejected"),
            permission="events.view",
        )


def _drafts(now: datetime) -> Iterator[Duty]:
    for line in plans.plans():
        if line.draft_version is not None and line.live_version is None:
            yield Duty(
                urgency=Urgency.WEEK,
                mark=gettext("draft"),
                note="",
                tone="",
                kind=gettext("Plan"),
                what=gettext("{name} is ready to be rehearsed").format(name=_name(line)),
                why=gettext("Rehearse it over your own events, then put it live."),
                act=gettext("Open"),
                url=_url("plans:plan", line.id),
                permission="plans.edit",
            )
