"""The life of a plan: drafts, versions, live, paused, ended. Each act is audited."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from huifang.decisions.reasons import Reason
from huifang.delivery import services as delivery
from huifang.kernel import audit, outbox
from huifang.kernel.ids import PlanId
from huifang.plans import approvals, checks, rewards
from huifang.plans.errors import (
    DraftExistsError,
    FaultyDefinitionError,
    NoDraftError,
    NothingLeftError,
    PlanNotLiveError,
    PlanNotPausedError,
    UnknownPlanError,
)
from huifang.plans.models import Enrolment, Plan, PlanVersion
from huifang.plans.outcomes import OPEN
from huifang.plans.records import PlanDefinition, PlanPaused, Texts, VersionState
from huifang.plans.rules import read_definition, write_definition

_LIVE = (VersionState.ACTIVE, VersionState.PAUSED)
_PAUSED = (Reason.PLAN_NOT_ACTIVE, Reason.BREAKER_OPEN)


def create(*, definition: PlanDefinition, by: str, now: datetime, pack_name: str = "") -> PlanId:
    """Make a plan with a first draft."""
    with transaction.atomic():
        plan = Plan.objects.create(created_at=now, pack_name=pack_name)
        _add_draft(plan, 1, definition, now)
        _audit("plan.created", plan, by, now, version=1)
    return PlanId(plan.pk)


def save_draft(*, plan_id: PlanId, definition: PlanDefinition, by: str, now: datetime) -> None:
    """Replace what the draft says; it may still have faults. Raises `NoDraftError`."""
    with transaction.atomic():
        draft = _draft(_locked(plan_id))
        if read_definition(draft.definition) != definition:
            approvals.withdraw(draft, by=by, now=now)
        draft.definition = write_definition(definition)
        draft.edited_at = now
        draft.save(update_fields=["definition", "edited_at"])
        _audit("plan.draft_saved", draft.plan, by, now, version=draft.number)


def write_draft(*, plan_id: PlanId, definition: PlanDefinition, by: str, now: datetime) -> None:
    """Replace the draft, started first where there is none."""
    with transaction.atomic():
        if not _locked(plan_id).versions.filter(state=VersionState.DRAFT).exists():
            new_draft(plan_id=plan_id, by=by, now=now)
        save_draft(plan_id=plan_id, definition=definition, by=by, now=now)


def new_draft(*, plan_id: PlanId, by: str, now: datetime) -> int:
    """Start the next version from the newest one; its number. Raises `DraftExistsError`."""
    with transaction.atomic():
        plan = _locked(plan_id)
        newest = plan.versions.order_by("-number")[0]
        if newest.state == VersionState.DRAFT:
            raise DraftExistsError
        draft = _add_draft(plan, newest.number + 1, read_definition(newest.definition), now)
        _audit("plan.draft_started", plan, by, now, version=draft.number)
    return draft.number


def discard_draft(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Throw the draft away. Raises `NoDraftError`, `NothingLeftError`."""
    with transaction.atomic():
        plan = _locked(plan_id)
        draft = _draft(plan)
        if plan.versions.count() == 1:
            raise NothingLeftError
        number = draft.number
        draft.delete()
        _audit("plan.draft_discarded", plan, by, now, version=number)


def copy(*, plan_id: PlanId, name: Texts, by: str, now: datetime) -> PlanId:
    """A new plan whose first draft says what the newest version of this one says, under *name*."""
    with transaction.atomic():
        newest = _locked(plan_id).versions.order_by("-number")[0]
        definition = read_definition({**newest.definition, "name": name})
        return create(definition=definition, by=by, now=now)


def activate(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Put the draft live in place of the live version. Those under way go on with theirs.

    Raises `NoDraftError`, `FaultyDefinitionError`, `ApprovalNeededError`.
    """
    with transaction.atomic():
        plan = _locked(plan_id)
        draft = _draft(plan)
        definition = read_definition(draft.definition)
        faults = checks.faults(definition)
        if faults:
            codes = ", ".join(dict.fromkeys(fault.code for fault in faults))
            raise FaultyDefinitionError(count=len(faults), faults=codes)
        approvals.check(plan, draft)
        live = plan.versions.filter(state__in=_LIVE).first()
        if live:
            was_active = live.state == VersionState.ACTIVE
            _set_state(live, VersionState.ENDED, now)
        if not live or not was_active:
            _begin(plan, now)
        rewards.prepare(draft, definition.incentive, by=by, now=now)
        draft.activated_at, draft.activated_by = now, by
        _set_state(draft, VersionState.ACTIVE, now)
        _wake(plan, now)
        delivery.release_plan(plan_id=plan_id, now=now)
        _audit("plan.activated", plan, by, now, version=draft.number)


def pause(*, plan_id: PlanId, by: str, now: datetime, why: str = "") -> None:
    """Nobody enters and nobody is contacted until `resume`. Raises `PlanNotLiveError`."""
    with transaction.atomic():
        plan = _locked(plan_id)
        live = plan.versions.filter(state=VersionState.ACTIVE).first()
        if live is None:
            raise PlanNotLiveError
        _set_state(live, VersionState.PAUSED, now)
        plan.paused_by, plan.paused_because, plan.paused_at = by, why, now
        plan.save(update_fields=["paused_by", "paused_because", "paused_at"])
        outbox.record(PlanPaused(plan_id=plan_id, by=by, because=why, at=now))
        delivery.hold_plan(plan_id=plan_id, is_ended=False, now=now)
        _audit("plan.paused", plan, by, now, version=live.number, why=why)


def resume(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Go on; those under way are looked at now, what happened meanwhile is let go.

    Raises `PlanNotPausedError`.
    """
    with transaction.atomic():
        plan = _locked(plan_id)
        paused = plan.versions.filter(state=VersionState.PAUSED).first()
        if paused is None:
            raise PlanNotPausedError
        _begin(plan, now)
        _set_state(paused, VersionState.ACTIVE, now)
        _wake(plan, now)
        delivery.release_plan(plan_id=plan_id, now=now)
        _audit("plan.resumed", plan, by, now, version=paused.number)


def end(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Take the plan out of use; follow-ups under way end with it. Raises `PlanNotLiveError`."""
    with transaction.atomic():
        plan = _locked(plan_id)
        live = plan.versions.filter(state__in=_LIVE).first()
        if live is None:
            raise PlanNotLiveError
        _set_state(live, VersionState.ENDED, now)
        delivery.hold_plan(plan_id=plan_id, is_ended=True, now=now)
        # The dispatcher ends each one, with the reason stored.
        _in_order(Enrolment.objects.filter(plan=plan, state__in=OPEN)).update(planned_at=now, due_at=now)
        _audit("plan.ended", plan, by, now, version=live.number)


def _locked(plan_id: PlanId) -> Plan:
    plan = Plan.objects.select_for_update().filter(pk=plan_id).first()
    if plan is None:
        raise UnknownPlanError(plan_id=plan_id)
    return plan


def _draft(plan: Plan) -> PlanVersion:
    draft = plan.versions.filter(state=VersionState.DRAFT).first()
    if draft is None:
        raise NoDraftError
    return draft


def _add_draft(plan: Plan, number: int, definition: PlanDefinition, now: datetime) -> PlanVersion:
    return PlanVersion.objects.create(
        plan=plan,
        number=number,
        state=VersionState.DRAFT,
        definition=write_definition(definition),
        edited_at=now,
    )


def _set_state(version: PlanVersion, state: VersionState, now: datetime) -> None:
    version.state = state
    if state is VersionState.ENDED:
        version.ended_at = now
    version.save(update_fields=["state", "activated_at", "activated_by", "ended_at"])


def _wake(plan: Plan, now: datetime) -> None:
    """Look at once at those who waited only because the plan was not running."""
    waiting = Enrolment.objects.filter(plan=plan, state__in=OPEN, wait_reason__in=_PAUSED)
    _in_order(waiting).update(due_at=now)


def _in_order(rows: QuerySet[Enrolment]) -> QuerySet[Enrolment]:
    """*rows*, locked by id first as every other writer does, so that two never wait for each other."""
    locked = rows.order_by("pk").select_for_update().values("pk")
    return Enrolment.objects.filter(pk__in=locked)


def _begin(plan: Plan, now: datetime) -> None:
    """From now on what happens is the plan's business, and its breaker counts anew."""
    plan.live_since = now
    plan.paused_by, plan.paused_because, plan.paused_at = "", "", None
    plan.save(update_fields=["live_since", "paused_by", "paused_because", "paused_at"])


def _audit(action: str, plan: Plan, by: str, now: datetime, **facts: object) -> None:
    audit.record(actor=by, action=action, subject=f"plan:{plan.pk}", facts=facts, at=now)
