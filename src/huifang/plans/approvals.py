"""Two persons for a plan that goes live: one asks, another agrees or says no; a changed draft is asked anew.

A key may ask, for a program that writes plans; only a person agrees, and not the one who made the key: they
may well hold it, and would agree with themselves. What was asked, agreed and taken back stays in the audit
log, and with each version that went live.
"""

from datetime import datetime

from django.db import transaction

from huifang.api import services as api_keys
from huifang.kernel import audit
from huifang.kernel.ids import PlanId
from huifang.plans import settings
from huifang.plans.errors import (
    ApprovalNeededError,
    NoDraftError,
    NotAskedError,
    PersonNeededError,
    SamePersonError,
)
from huifang.plans.models import Approval, Plan, PlanVersion
from huifang.plans.records import ApprovalRecord, VersionState

_PERSON, _KEY, _DECLINED = "person:", "api-key:", "plan.approval_declined"


def is_needed(plan: Plan, draft: PlanVersion) -> bool:
    """Whether the draft needs approval: the installation, the draft or what went live last says so.

    What went live last counts, ended or not, so that nobody takes the need away alone.
    """
    last = plan.versions.exclude(state=VersionState.DRAFT).order_by("-number").first()
    asked = [version.definition.get("needs_approval", False) for version in (draft, last) if version]
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

    Raises `NoDraftError`, `NotAskedError`, `SamePersonError`, `PersonNeededError`.
    """
    if not by.startswith(_PERSON):
        raise PersonNeededError
    with transaction.atomic():
        draft = _draft(plan_id)
        row = Approval.objects.select_for_update().filter(version=draft).first()
        if row is None:
            raise NotAskedError
        if is_own(asked_by=row.asked_by, by=by):
            raise SamePersonError
        if not row.approved_by:
            row.approved_by, row.approved_at = by, now
            row.save(update_fields=["approved_by", "approved_at"])
            _audit("plan.approved", draft, by, now)


def is_own(*, asked_by: str, by: str) -> bool:
    """Whether *by* is who asked, by themselves or with a key that they made."""
    if not asked_by.startswith(_KEY):
        return asked_by == by
    return api_keys.maker_of_key(name=asked_by.removeprefix(_KEY)) == by


def decline(*, plan_id: PlanId, by: str, why: str, now: datetime) -> None:
    """Take the asking away, also what was agreed; the draft stays. Raises `NotAskedError`."""
    with transaction.atomic():
        asked = Approval.objects.select_for_update().select_related("version")
        row = asked.filter(version__plan_id=plan_id, version__state=VersionState.DRAFT).first()
        if row is None:
            raise NotAskedError
        draft, asked_by = row.version, row.asked_by
        row.delete()
        _audit(_DECLINED, draft, by, now, asked_by=asked_by, why=why)


def last_decline(*, plan_id: PlanId, version: int | None) -> audit.AuditRecord | None:
    """The last "no" to the draft *version*, unless it was asked about again or anything was done since."""
    if version is None:
        return None
    newest = next(iter(audit.entries(subject=f"plan:{plan_id}", limit=1)), None)
    is_of_it = newest is not None and newest.action == _DECLINED and newest.facts.get("version") == version
    return newest if is_of_it else None


def withdraw(draft: PlanVersion, *, by: str, now: datetime) -> None:
    """The draft has changed, so whatever was asked and agreed is about something else."""
    row = Approval.objects.filter(version=draft).first()
    if row is not None:
        row.delete()
        facts = {"asked_by": row.asked_by, "approved_by": row.approved_by}
        _audit("plan.approval_withdrawn", draft, by, now, **facts)


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


def _audit(action: str, draft: PlanVersion, by: str, now: datetime, **more: str) -> None:
    facts = {"version": draft.number, **more}
    audit.record(actor=by, action=action, subject=f"plan:{draft.plan_id}", facts=facts, at=now)
