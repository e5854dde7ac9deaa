"""What a restored backup means for plans: what was due since may have happened, and must not happen again."""

from datetime import datetime

from django.db import transaction

from huifang.decisions.reasons import Reason
from huifang.kernel.ids import PlanId
from huifang.plans import campaigns, lifecycle
from huifang.plans.models import Enrolment, PlanVersion
from huifang.plans.outcomes import OPEN
from huifang.plans.records import EnrolmentState, VersionState


def note_restored(*, by: str, now: datetime) -> tuple[int, int]:
    """Pause every active plan and end the follow-ups that were due by now; how many of each.

    Running campaigns go on behind whom they may have reached since the backup.
    """
    with transaction.atomic():
        campaigns.pass_over(now=now)
        active = PlanVersion.objects.filter(state=VersionState.ACTIVE).order_by("plan_id")
        plan_ids = list(active.values_list("plan_id", flat=True))
        for plan_id in plan_ids:
            lifecycle.pause(plan_id=PlanId(plan_id), by=by, now=now, why=Reason.RESTORED)
        due = Enrolment.objects.filter(state__in=OPEN, due_at__lte=now)
        ended = due.update(state=EnrolmentState.ENDED, end_reason=Reason.RESTORED, due_at=None, ended_at=now)
    return len(plan_ids), ended
