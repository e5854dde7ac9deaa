"""What can be asked of the plans room: plans, decisions with their reasons, enrolments, rehearsals."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from django.db.models import Count, Q

from huifang.kernel import clock
from huifang.kernel.ids import PlanId
from huifang.plans import approvals, campaigns, population, quotas
from huifang.plans import extracts as extracts
from huifang.plans.answer_rates import answer_rate
from huifang.plans.approvals import is_own as is_own_asking
from huifang.plans.approvals import last_decline
from huifang.plans.comparing import compare
from huifang.plans.coupons import pools as coupon_pools
from huifang.plans.errors import UnknownPlanError, UnknownRehearsalError
from huifang.plans.models import Decision, Enrolment, Plan, PlanVersion, Rehearsal
from huifang.plans.phrases import say_seen_condition as condition_in_words
from huifang.plans.ready import segment_texts
from huifang.plans.records import (
    CampaignProgress,
    Change,
    PlanLine,
    QuotaStanding,
    RehearsalRecord,
    RehearsalResult,
    TriggerKind,
    VersionRecord,
    VersionState,
)
from huifang.plans.reward_book import report as reward_report
from huifang.plans.reward_book import reward_code, rewards_of, rewards_of_plan
from huifang.plans.rules import read_definition
from huifang.plans.telling import budget_of, can_contact_now, chain_of, decisions_of, enrolments_of, why

__all__ = [
    "answer_rate",
    "budget_of",
    "campaign_progress",
    "can_contact_now",
    "chain_of",
    "changes",
    "compare",
    "condition_in_words",
    "counts",
    "coupon_pools",
    "decisions_of",
    "enrolments_of",
    "is_own_asking",
    "last_decline",
    "last_rehearsal",
    "last_result",
    "needs_approval",
    "plan",
    "plans",
    "quota_standings",
    "reason_counts",
    "rehearsal",
    "reward_code",
    "reward_report",
    "rewards_of",
    "rewards_of_plan",
    "segment_texts",
    "version",
    "versions",
    "why",
]

_STALE = timedelta(minutes=5)


def plans() -> list[PlanLine]:
    """Every plan: live ones first, then drafts, then ended ones; the newest edit first."""
    order = {VersionState.ACTIVE: 0, VersionState.PAUSED: 0, VersionState.DRAFT: 1, VersionState.ENDED: 2}
    lines = [_line(plan) for plan in Plan.objects.prefetch_related("versions")]
    return sorted(lines, key=lambda line: (order[line.state], -line.edited_at.timestamp()))


def plan(*, plan_id: PlanId) -> PlanLine:
    """One plan. Raises `UnknownPlanError`."""
    found = Plan.objects.prefetch_related("versions").filter(pk=plan_id).first()
    if found is None:
        raise UnknownPlanError(plan_id=plan_id)
    return _line(found)


def _line(plan: Plan) -> PlanLine:
    """*definition* is that of the draft, else of the live version, else of the last one."""
    versions = sorted(plan.versions.all(), key=lambda version: -version.number)
    draft = next((each for each in versions if each.state == VersionState.DRAFT), None)
    live = next((each for each in versions if each.state in ("active", "paused")), None)
    shown = draft or live or versions[0]
    return PlanLine(
        id=PlanId(plan.pk),
        name=shown.definition.get("name", {}),
        state=VersionState((live or shown).state),
        live_version=live.number if live else None,
        draft_version=draft.number if draft else None,
        live_since=plan.live_since if live else None,
        definition=read_definition(shown.definition),
        edited_at=shown.edited_at,
        paused_by=plan.paused_by,
        paused_because=plan.paused_because,
        paused_at=plan.paused_at,
        approval=approvals.record_of(draft) if draft else None,
    )


def versions(*, plan_id: PlanId) -> list[VersionRecord]:
    """Every version of a plan, newest first."""
    return [_version(version) for version in PlanVersion.objects.filter(plan_id=plan_id).order_by("-number")]


def version(*, plan_id: PlanId, number: int) -> VersionRecord:
    """One version. Raises `UnknownPlanError`."""
    found = PlanVersion.objects.filter(plan_id=plan_id, number=number).first()
    if found is None:
        raise UnknownPlanError(plan_id=plan_id)
    return _version(found)


def _version(version: PlanVersion) -> VersionRecord:
    return VersionRecord(
        plan_id=PlanId(version.plan_id),
        id=version.pk,
        number=version.number,
        state=VersionState(version.state),
        definition=read_definition(version.definition),
        edited_at=version.edited_at,
        activated_at=version.activated_at,
        ended_at=version.ended_at,
        activated_by=version.activated_by,
        approval=approvals.record_of(version),
    )


def changes(*, plan_id: PlanId, before: int, after: int) -> list[Change]:
    """What differs between two versions of a plan, by their numbers. Raises `UnknownPlanError`."""
    old = version(plan_id=plan_id, number=before)
    new = version(plan_id=plan_id, number=after)
    return compare(old.definition, new.definition)


def needs_approval(*, plan_id: PlanId) -> bool:
    """Whether the plan's draft needs a second person before it goes live; no draft needs none."""
    found = Plan.objects.prefetch_related("versions").filter(pk=plan_id).first()
    draft = found.versions.filter(state=VersionState.DRAFT).first() if found else None
    return bool(found and draft and approvals.is_needed(found, draft))


def counts(*, plan_ids: Iterable[PlanId], since: datetime) -> dict[PlanId, dict[str, int]]:
    """Enrolments made since then, by plan and state; "reached" counts those with a contact."""
    rows = (
        Enrolment.objects.filter(plan_id__in=list(plan_ids), created_at__gte=since)
        .values("plan_id", "state")
        .annotate(total=Count("pk"), reached=Count("pk", filter=Q(reached=True)))
    )
    found: dict[PlanId, dict[str, int]] = {}
    for row in rows:
        states = found.setdefault(PlanId(row["plan_id"]), {"reached": 0})
        states[row["state"]] = row["total"]
        states["reached"] += row["reached"]
    return found


def plans_over(*, segment_id: int) -> list[PlanLine]:
    """The plans that start over a segment."""
    return [
        line
        for line in plans()
        if line.definition.trigger.kind is TriggerKind.SEGMENT
        and line.definition.trigger.segment_id == segment_id
    ]


def reason_counts(*, plan_id: PlanId, since: datetime) -> dict[str, int]:
    """Decisions other than contact since then, by reason, the most frequent first."""
    rows = (
        Decision.objects.filter(plan_id=plan_id, at__gte=since)
        .exclude(reason="")
        .values_list("reason")
        .annotate(total=Count("pk"))
        .order_by("-total")
    )
    return dict(rows)


def held_back(*, start: datetime, end: datetime, plan_id: PlanId | None = None) -> dict[str, int]:
    """How many customers were refused a follow-up in the period, by reason, the most frequent first.

    Waiting is no refusal, and being enrolled already is none either.
    """
    chosen = [plan_id] if plan_id is not None else list(Plan.objects.values_list("pk", flat=True))
    rows = (
        Decision.objects.filter(plan_id__in=chosen, at__gte=start, at__lt=end, outcome="no")
        .exclude(reason="already_enrolled")
        .values_list("reason")
        .annotate(people=Count("customer_id", distinct=True))
        .order_by("-people", "reason")
    )
    return dict(rows)


def quota_standings(*, plan_id: PlanId, now: datetime) -> list[QuotaStanding]:
    """How full the quotas of the version shown are, quota by quota, the fullest cell first."""
    return quotas.standings_of(plan_id, plan(plan_id=plan_id).definition, now=now)


def campaign_progress(*, plan_id: PlanId, now: datetime) -> CampaignProgress | None:
    """How far a live plan is through its segment or list; None where it has neither or is not live."""
    live = next((each for each in population.live_plans() if each.plan_id == plan_id), None)
    return campaigns.progress(live, now=now) if live else None


def rehearsal(*, plan_id: PlanId, rehearsal_id: int, now: datetime) -> RehearsalRecord:
    """One rehearsal. Raises `UnknownRehearsalError`."""
    row = Rehearsal.objects.filter(plan_id=plan_id, pk=rehearsal_id).first()
    if row is None:
        raise UnknownRehearsalError(rehearsal_id=rehearsal_id)
    return _rehearsal(row, now=now)


def last_rehearsal(*, plan_id: PlanId, now: datetime) -> RehearsalRecord | None:
    """The newest rehearsal of a plan."""
    row = Rehearsal.objects.filter(plan_id=plan_id).order_by("-pk").first()
    return _rehearsal(row, now=now) if row else None


def last_result(*, plan_id: PlanId, now: datetime) -> RehearsalRecord | None:
    """The newest rehearsal that is done."""
    row = Rehearsal.objects.filter(plan_id=plan_id, state="done").order_by("-pk").first()
    return _rehearsal(row, now=now) if row else None


def _rehearsal(row: Rehearsal, *, now: datetime) -> RehearsalRecord:
    """One whose worker has died long ago counts as failed."""
    stopped = row.state == "running" and row.touched_at < now - _STALE * clock.speed()
    return RehearsalRecord(
        id=row.pk,
        plan_id=PlanId(row.plan_id),
        version=row.version_number,
        state="failed" if stopped else row.state,
        done=row.done,
        start=row.start,
        end=row.end,
        created_at=row.created_at,
        finished_at=row.finished_at,
        problem="stopped" if stopped else row.problem,
        result=msgspec.convert(row.result, RehearsalResult) if row.result is not None else None,
    )
