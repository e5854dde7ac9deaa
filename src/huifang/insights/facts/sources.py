"""Where each topic of facts comes from: the readers of the rooms below, in order of their ids."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from huifang.delivery.queries import extracts as delivery
from huifang.plans.queries import extracts as plans
from huifang.questionnaires.queries import extracts as questionnaires

BATCH = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One topic whose rows have ids.

    *read* gives the rows above *after* up to *until* (at most *limit* of them where it is given) and the id
    up to which these are all. *changed* names the UTC days of rows that changed since an instant, where the
    room can tell; where it cannot, days with rows that may change are looked at again and again.
    """

    topic: str
    last_id: Callable[[], int]
    read: Callable[[int, int, int | None, datetime], tuple[Sequence[Any], int]]
    changed: Callable[[datetime], set[date]] | None = None


def _up_to(rows: list[Any], until: int, limit: int | None) -> tuple[Sequence[Any], int]:
    return rows, rows[-1].id if limit and len(rows) == limit else until


def _answers(after: int, until: int, limit: int | None, now: datetime) -> tuple[Sequence[Any], int]:
    end = questionnaires.nth_response_id(after=after, until=until, limit=limit) if limit else until
    return list(questionnaires.answers(after=after, until=end)), end


def _invitations(after: int, until: int, limit: int | None, now: datetime) -> tuple[Sequence[Any], int]:
    return _up_to(
        list(questionnaires.invitations(after=after, until=until, limit=limit, now=now)), until, limit
    )


def _attempts(after: int, until: int, limit: int | None, now: datetime) -> tuple[Sequence[Any], int]:
    return _up_to(list(delivery.attempts(after=after, until=until, limit=limit)), until, limit)


def _enrolments(after: int, until: int, limit: int | None, now: datetime) -> tuple[Sequence[Any], int]:
    return _up_to(list(plans.enrolments(after=after, until=until, limit=limit)), until, limit)


def _decisions(after: int, until: int, limit: int | None, now: datetime) -> tuple[Sequence[Any], int]:
    return _up_to(list(plans.decisions(after=after, until=until, limit=limit)), until, limit)


def _days_begun(since: datetime) -> set[date]:
    return {begun for begun, _ in questionnaires.answered_days(since=since)}


def _days_invited(since: datetime) -> set[date]:
    return {invited for _, invited in questionnaires.answered_days(since=since) if invited}


SOURCES = (
    Source(topic="answers", last_id=questionnaires.last_response_id, read=_answers, changed=_days_begun),
    Source(
        topic="invitations",
        last_id=questionnaires.last_invitation_id,
        read=_invitations,
        changed=_days_invited,
    ),
    Source(topic="attempts", last_id=delivery.last_attempt_id, read=_attempts),
    Source(topic="enrolments", last_id=plans.last_enrolment_id, read=_enrolments),
    Source(topic="decisions", last_id=plans.last_decision_id, read=_decisions),
)
