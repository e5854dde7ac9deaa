"""One customer, one line of time: events, decisions with reasons, attempts, answers, consents.

A new room adds one function to `_SOURCES`. Never writes.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import UTC, datetime

from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.delivery import queries as delivery
from huifang.events import queries as events
from huifang.insights.records import Moment, MomentKind, Timeline
from huifang.plans import queries as plans
from huifang.questionnaires import queries as questionnaires

_SOURCE_MAX = 1000
_END = datetime.max.replace(tzinfo=UTC)


def _events(profile: Profile, limit: int) -> Iterator[Moment]:
    known = customers.anonymous_ids(customer_id=profile.id)
    for event in events.events_of(external_id=profile.external_id, anonymous_ids=known, limit=limit):
        yield Moment(at=event.occurred_at, kind=MomentKind.EVENT, what=event)


def _decisions(profile: Profile, limit: int) -> Iterator[Moment]:
    for decision in plans.decisions_of(customer_id=profile.id, limit=limit):
        yield Moment(at=decision.at, kind=MomentKind.DECISION, what=decision)


def _attempts(profile: Profile, limit: int) -> Iterator[Moment]:
    for attempt in delivery.attempts_of(customer_id=profile.id, limit=limit):
        at = attempt.handed_over_at or attempt.settled_at or attempt.queued_at
        yield Moment(at=at, kind=MomentKind.ATTEMPT, what=attempt)


def _answers(profile: Profile, limit: int) -> Iterator[Moment]:
    for response in questionnaires.responses_of(customer_id=profile.id)[:limit]:
        at = response.completed_at or response.last_answered_at
        yield Moment(at=at, kind=MomentKind.ANSWER, what=response)


def _consents(profile: Profile, limit: int) -> Iterator[Moment]:
    for entry in customers.consent_entries(customer_id=profile.id)[:limit]:
        yield Moment(at=entry.at, kind=MomentKind.CONSENT, what=entry)


_SOURCES: dict[MomentKind, Callable[[Profile, int], Iterator[Moment]]] = {
    MomentKind.EVENT: _events,
    MomentKind.DECISION: _decisions,
    MomentKind.ATTEMPT: _attempts,
    MomentKind.ANSWER: _answers,
    MomentKind.CONSENT: _consents,
}
# At the same instant: cause before consequence.
_ORDER = {kind: place for place, kind in enumerate(_SOURCES)}


def of_customer(
    profile: Profile,
    *,
    kinds: Collection[MomentKind] = tuple(MomentKind),
    before: datetime | None = None,
    limit: int = 60,
) -> Timeline:
    """The newest *limit* moments of *kinds* before the instant *before*, newest first.

    Moments of one instant are never parted, so that the next page may start before the last of this one.
    """
    found = [
        moment
        for kind in kinds
        for moment in _SOURCES[kind](profile, _SOURCE_MAX)
        if moment.at < (before or _END)
    ]
    found.sort(key=lambda moment: (moment.at, _ORDER[moment.kind]), reverse=True)
    end = min(limit, len(found))
    while 0 < end < len(found) and found[end].at == found[end - 1].at:
        end += 1
    return Timeline(moments=found[:end], has_more=end < len(found))


def counts(profile: Profile) -> dict[MomentKind, int]:
    """How many moments of each kind there are, at most a thousand of each."""
    return {kind: sum(1 for _ in source(profile, _SOURCE_MAX)) for kind, source in _SOURCES.items()}
