"""Says no to a draft that somebody asked to put live, and keeps why in the audit log."""

from datetime import datetime

from django.db import transaction

from huifang.kernel import audit
from huifang.kernel.ids import PlanId
from huifang.plans.errors import NotAskedError
from huifang.plans.models import Approval
from huifang.plans.records import VersionState

ACTION = "plan.approval_declined"


def decline(*, plan_id: PlanId, by: str, why: str, now: datetime) -> None:
    """Take the asking away, also what was agreed; the draft stays. Raises `NotAskedError`."""
    with transaction.atomic():
        asked = Approval.objects.select_for_update().select_related("version")
        row = asked.filter(version__plan_id=plan_id, version__state=VersionState.DRAFT).first()
        if row is None:
            raise NotAskedError
        facts = {"version": row.version.number, "asked_by": row.asked_by, "why": why}
        row.delete()
        audit.record(actor=by, action=ACTION, subject=f"plan:{plan_id}", facts=facts, at=now)


def last_of(*, plan_id: PlanId, version: int | None) -> audit.AuditRecord | None:
    """The last "no" to the draft *version*, unless it was asked about again or anything was done since."""
    if version is None:
        return None
    newest = next(iter(audit.entries(subject=f"plan:{plan_id}", limit=1)), None)
    is_of_it = newest is not None and newest.action == ACTION and newest.facts.get("version") == version
    return newest if is_of_it else None
