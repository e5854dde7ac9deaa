"""The people and words behind a number: ids from the facts, the rest from the rooms that keep it."""

from dataclasses import dataclass
from datetime import UTC, datetime

from huifang.customers import queries as customers
from huifang.customers.records import Profile
from huifang.insights.facts import duck
from huifang.insights.metrics.cuts import Slice, parameters, where
from huifang.kernel.ids import CustomerId
from huifang.questionnaires import queries as questionnaires

PAGE = 50
_SCORED = """
SELECT id, EPOCH(happened_at), FALSE FROM answers
WHERE metric = $metric AND number IS NOT NULL AND number BETWEEN $least AND $most AND {where}
ORDER BY happened_at DESC, id DESC LIMIT $limit OFFSET $skipped
"""
_WORDED = """
SELECT id, MAX(EPOCH(happened_at)) AS at_second, TRUE FROM answers WHERE has_text AND {where}
GROUP BY id ORDER BY at_second DESC, id DESC LIMIT $limit OFFSET $skipped
"""
_INVITED = """
SELECT id, EPOCH(happened_at), started_at IS NOT NULL FROM invitations WHERE {which} AND {where}
ORDER BY happened_at DESC, id DESC LIMIT $limit OFFSET $skipped
"""
_WHICH = {"": "TRUE", "answered": "started_at IS NOT NULL", "silent": "started_at IS NULL"}
SCALES = {"nps": (0, 10), "csat": (1, 5), "ces": (1, 7)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """One person behind a number. *profile* is None where nobody is known; *said* where nothing was said."""

    at: datetime
    profile: Profile | None
    said: "questionnaires.extracts.SaidExtract | None" = None
    is_answered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of those behind a number; *has_more* where others follow."""

    people: list[Behind]
    has_more: bool


def scored(metric: str, only: Slice, *, between: tuple[int, int], skipped: int = 0) -> Page:
    """Who gave a score of *metric* from the first to the second of *between*, latest first."""
    sql = _SCORED.format(where=where(only))
    more = {"metric": metric, "least": between[0], "most": between[1]}
    return _responses(_ids("answers", sql, only, skipped, more))


def worded(only: Slice, *, skipped: int = 0) -> Page:
    """Who wrote something, latest first."""
    return _responses(_ids("answers", _WORDED.format(where=where(only)), only, skipped, {}))


def invited(only: Slice, *, who: str = "", skipped: int = 0) -> Page:
    """Who was invited; with *who* "answered" or "silent" those only. Latest first."""
    sql = _INVITED.format(which=_WHICH.get(who, "TRUE"), where=where(only))
    rows = _ids("invitations", sql, only, skipped, {})
    ids = [row[0] for row in rows[:PAGE]]
    customer_of = questionnaires.extracts.customers_invited(invitation_ids=ids)
    profiles = customers.profiles(customer_ids=[CustomerId(each) for each in customer_of.values()])
    return Page(
        people=[
            Behind(
                at=at,
                profile=profiles.get(CustomerId(customer_of.get(each, 0))),
                is_answered=is_answered,
            )
            for each, at, is_answered in rows[:PAGE]
        ],
        has_more=len(rows) > PAGE,
    )


def _ids(
    topic: str, sql: str, only: Slice, skipped: int, more: dict[str, object]
) -> list[tuple[int, datetime, bool]]:
    values = parameters(only, sql) | more | {"limit": PAGE + 1, "skipped": skipped}
    days = duck.days_of(only.start, only.end)
    found = duck.ask(sql, topics=(topic,), days=days, parameters=values)
    return [(row[0], datetime.fromtimestamp(row[1], UTC), row[2]) for row in found]


def _responses(rows: list[tuple[int, datetime, bool]]) -> Page:
    said = questionnaires.extracts.said(response_ids=[row[0] for row in rows[:PAGE]])
    ids = [CustomerId(each.customer_id) for each in said.values() if each.customer_id is not None]
    profiles = customers.profiles(customer_ids=ids)
    return Page(
        people=[
            Behind(
                at=each.at,
                profile=profiles.get(CustomerId(each.customer_id or 0)),
                said=each,
                is_answered=True,
            )
            for row in rows[:PAGE]
            if (each := said.get(row[0]))
        ],
        has_more=len(rows) > PAGE,
    )
