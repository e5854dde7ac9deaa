"""Enrolments and decisions row by row, for the facts of Insights, and how far the runner has read."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max

from huifang.plans.models import Decision, Enrolment, PlanVersion, RunnerCursor
from huifang.plans.outcomes import OPEN

_CHUNK = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolmentExtract:
    """One follow-up. *event* is what its plan waits for; *is_open*: its state may change."""

    id: int
    at: datetime
    customer_id: int
    plan_id: int
    version: int
    event: str
    app_version: str
    state: str
    end_reason: str
    is_reached: bool
    is_open: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionExtract:
    """One decision; *reason* is "" where nothing stopped it."""

    id: int
    at: datetime
    customer_id: int
    plan_id: int
    enrolment_id: int | None
    stage: str
    channel: str
    outcome: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunnerPosition:
    """How far the runner has read one shard of the events."""

    shard: int
    txid: int
    seq: int


def last_enrolment_id() -> int:
    """The highest id, 0 where there is none."""
    return Enrolment.objects.aggregate(last=Max("pk"))["last"] or 0


def last_decision_id() -> int:
    """The highest id, 0 where there is none."""
    return Decision.objects.aggregate(last=Max("pk"))["last"] or 0


def enrolments(*, after: int, until: int, limit: int | None = None) -> Iterator[EnrolmentExtract]:
    """Enrolments with ids above *after* up to *until*, by id."""
    versions = {
        pk: (number, _event(definition))
        for pk, number, definition in PlanVersion.objects.values_list("pk", "number", "definition")
    }
    found = Enrolment.objects.filter(pk__gt=after, pk__lte=until).order_by("pk")[:limit]
    for each in found.iterator(chunk_size=_CHUNK):
        number, event = versions.get(each.version_id, (0, ""))
        yield EnrolmentExtract(
            id=each.pk,
            at=each.created_at,
            customer_id=each.customer_id,
            plan_id=each.plan_id,
            version=number,
            event=event,
            app_version=str(each.facts.get("event:app_version") or ""),
            state=each.state,
            end_reason=each.end_reason,
            is_reached=each.reached,
            is_open=each.state in OPEN,
        )


def _event(definition: object) -> str:
    trigger = definition.get("trigger") if isinstance(definition, dict) else None
    return str(trigger.get("event") or "") if isinstance(trigger, dict) else ""


def decisions(*, after: int, until: int, limit: int | None = None) -> Iterator[DecisionExtract]:
    """Decisions with ids above *after* up to *until*, by id."""
    fields = (
        "id",
        "at",
        "customer_id",
        "plan_id",
        "enrolment_id",
        "stage",
        "channel",
        "outcome",
        "reason",
    )
    rows = Decision.objects.filter(pk__gt=after, pk__lte=until).order_by("pk").values_list(*fields)[:limit]
    for row in rows.iterator(chunk_size=_CHUNK):
        yield DecisionExtract(**dict(zip(fields, row, strict=True)))


def runner_positions() -> list[RunnerPosition]:
    """Every shard that the runner has read anything of: the events up to there have known customers."""
    found = RunnerCursor.objects.exclude(position=None).order_by("shard").values_list("shard", "position")
    return [
        RunnerPosition(shard=shard, txid=place["txid"], seq=place["seq"]) for shard, place in found if place
    ]
