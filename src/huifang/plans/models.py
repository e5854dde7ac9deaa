"""Tables of the plans room. A version never changes once it is live; the database refuses it too."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models import Q

_OPEN = Q(state__in=["waiting", "contacting"])
_LIVE = Q(state__in=["active", "paused"])


class Plan(models.Model):
    """One follow-up plan through all of its versions.

    *live_since* is when it last went from not live to live: events that
    happened before are not its business. *pack_name* is the ready plan it came from.
    """

    created_at = models.DateTimeField()
    live_since = models.DateTimeField(null=True)
    pack_name = models.TextField(blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pack_name"], condition=~Q(pack_name=""), name="plans_plan_pack")
        ]

    def __str__(self) -> str:
        return f"plan {self.pk}"


class PlanVersion(models.Model):
    """One definition of a plan. At most one is a draft and at most one is live."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    state = models.TextField()
    definition = models.JSONField()
    edited_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="plans_version_number"),
            models.UniqueConstraint(fields=["plan"], condition=Q(state="draft"), name="plans_one_draft"),
            models.UniqueConstraint(fields=["plan"], condition=_LIVE, name="plans_one_live"),
            models.CheckConstraint(
                condition=Q(state__in=["draft", "active", "paused", "ended"]), name="plans_version_state"
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(
                name="version_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=["active", "paused", "ended"])
                & (
                    pgtrigger.Q(old__definition__df=pgtrigger.F("new__definition"))
                    | pgtrigger.Q(new__state="draft")
                ),
            )
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} v{self.number}"


class Enrolment(models.Model):
    """One follow-up of one customer, because of one event.

    *next_step* is the step that is due at *due_at*; *planned_at* is when that step was first due,
    whatever it has waited for since. *facts* are those properties of the event that the plan's
    conditions and messages need. *reached* says whether a contact has gone out.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    customer_id = models.BigIntegerField()
    message_id = models.TextField()
    occurred_at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    state = models.TextField()
    priority = models.SmallIntegerField()
    contact_class = models.TextField()
    next_step = models.PositiveSmallIntegerField(default=0)
    planned_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    deadline = models.DateTimeField()
    reached = models.BooleanField(default=False)
    wait_reason = models.TextField(blank=True)
    wait_until = models.DateTimeField(null=True)
    end_reason = models.TextField(blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "customer_id", "message_id"], name="plans_enrolled_once"),
            models.CheckConstraint(condition=~_OPEN | Q(due_at__isnull=False), name="plans_open_is_due"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="plans_due", condition=_OPEN),
            models.Index(fields=["customer_id", "plan"], name="plans_of_customer"),
            models.Index(fields=["plan", "created_at"], name="plans_of_plan"),
        ]

    def __str__(self) -> str:
        return f"enrolment {self.pk}"


class Decision(models.Model):
    """What was decided about one customer and why. High volume, so ids are plain numbers.

    *rule* is the rule that stopped it, "" where none did; *exempt* are rules that were not asked.
    """

    at = models.DateTimeField()
    plan_id = models.BigIntegerField()
    version_id = models.BigIntegerField()
    customer_id = models.BigIntegerField()
    enrolment_id = models.BigIntegerField(null=True)
    message_id = models.TextField()
    stage = models.TextField()
    step = models.PositiveSmallIntegerField()
    channel = models.TextField()
    outcome = models.TextField()
    reason = models.TextField(blank=True)
    until = models.DateTimeField(null=True)
    rule = models.TextField(blank=True)
    detail = models.JSONField(default=dict)
    exempt = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan_id", "customer_id", "message_id"],
                condition=Q(stage="enrol"),
                name="plans_decided_once",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["customer_id", "-at"], name="plans_decisions_of"),
            models.Index(fields=["plan_id", "-at"], name="plans_decisions_plan"),
        ]

    def __str__(self) -> str:
        return f"{self.outcome} {self.reason} for customer {self.customer_id}"


class Rehearsal(models.Model):
    """Stored events replayed through one definition; writes nothing but this row."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    version_number = models.PositiveIntegerField()
    definition = models.JSONField()
    start = models.DateTimeField()
    end = models.DateTimeField()
    state = models.TextField()
    done = models.PositiveIntegerField(default=0)
    result = models.JSONField(null=True)
    problem = models.TextField(blank=True)
    requested_by = models.TextField()
    created_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["plan", "-id"], name="plans_rehearsals_of")]

    def __str__(self) -> str:
        return f"rehearsal {self.pk}"


class RunnerCursor(models.Model):
    """How far the runner has read one shard of the events."""

    shard = models.PositiveSmallIntegerField(primary_key=True)
    position = models.JSONField(null=True)
    ran_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"shard {self.shard}"
