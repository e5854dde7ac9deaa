"""Two persons for a plan that goes live: one asks, another agrees, and a changed draft is asked for anew."""

from datetime import datetime

from django.db import transaction

from huifang.kernel import audit
from huifang.kernel.ids import PlanId
from huifang.plans import settings
from huifang.plans.errors import ApprovalNeededError, NoDraftError, NotAskedError, SamePersonError
from huifang.plans.models import Approval, Plan, PlanVersion
from huifang.plans.records import ApprovalRecord, VersionState


def is_needed(plan: Plan, draft: PlanVersion) -> bool:
    """Whether the draft needs approval: the installation, the draft or what is live now says so.

    What is live counts, so that nobody takes the need away alone.
    """
    live = plan.versions.filter(state__in=[VersionState.ACTIVE, VersionState.PAUSED]).first()
    asked = [version.definition.get("needs_approval", False) for version in (draft, live) if version]
    return settings.NEED_APPROVAL or any(asked)


def check(plan: Plan, draft: PlanVersion) -> None:
    """Raises `ApprovalNeededError` where the draft needs one that it has not."""
    if is_needed(plan, draft) and not Approval.objects.filter(version=draft).exclude(approved_by="").exists():
        raise ApprovalNeededError


def ask(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Ask that the draft may go live; asked again, the first asking stands. Raises `NoDraftError`."""
    with transaction.atomic():
        draft = _draft(plan_id)
        _, is_new = Approval.objects.get_or_create(version=draft, defaults={"asked_by": by, "asked_at": now})
        if is_new:
            _audit("plan.approval_asked", draft, by, now)


def approve(*, plan_id: PlanId, by: str, now: datetime) -> None:
    """Agree that the draft goes live as it is.

    Raises `NoDraftError`, `NotAskedError`, `SamePersonError`.
    """
    with transaction.atomic():
        draft = _draft(plan_id)
        row = Approval.objects.select_for_update().filter(version=draft).first()
        if row is None:
            raise NotAskedError
        if row.asked_by == by:
            raise SamePersonError
        if not row.approved_by:
            row.approved_by, row.approved_at = by, now
            row.save(update_fields=["approved_by", "approved_at"])
            _audit("plan.approved", draft, by, now)


def withdraw(draft: PlanVersion) -> None:
    """The draft has changed, so whatever was asked and agreed is about something else."""
    Approval.objects.filter(version=draft).delete()


def record_of(version: PlanVersion) -> ApprovalRecord | None:
    """What was asked and agreed about *version*."""
    row = Approval.objects.filter(version=version).first()
    if row is None:
        return None
    return ApprovalRecord(
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        approved_by=row.approved_by,
        approved_at=row.approved_at,
    )


def _draft(plan_id: PlanId) -> PlanVersion:
    found = PlanVersion.objects.select_for_update().filter(plan_id=plan_id, state=VersionState.DRAFT).first()
    if found is None:
        raise NoDraftError
    return found


def _audit(action: str, draft: PlanVersion, by: str, now: datetime) -> None:
    facts = {"version": draft.number}
    audit.record(actor=by, action=action, subject=f"plan:{draft.plan_id}", facts=facts, at=now)
