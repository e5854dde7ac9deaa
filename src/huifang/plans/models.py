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
    *paused_by* is who paused it, "breaker" where it paused itself, and *paused_because* why.
    """

    created_at = models.DateTimeField()
    live_since = models.DateTimeField(null=True)
    pack_name = models.TextField(blank=True)
    paused_by = models.TextField(blank=True, default="", db_default="")
    paused_because = models.TextField(blank=True, default="", db_default="")
    paused_at = models.DateTimeField(null=True)

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
    activated_by = models.TextField(blank=True, default="", db_default="")
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


class Approval(models.Model):
    """Somebody asked that a draft go live, and perhaps another person agreed. Gone once the draft changes."""

    version = models.OneToOneField(PlanVersion, on_delete=models.CASCADE, related_name="approval")
    asked_by = models.TextField()
    asked_at = models.DateTimeField()
    approved_by = models.TextField(blank=True, default="")
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(approved_by=models.F("asked_by")), name="plans_two_persons")
        ]

    def __str__(self) -> str:
        return f"approval of {self.version_id}"


class Enrolment(models.Model):
    """One follow-up of one customer, because of one cause: an event, a day, a place on a list.

    *next_step* is the step that is due at *due_at*; *planned_at* is when that step was first due,
    whatever it has waited for since. *facts* are those properties of the event that the plan's
    conditions and messages need. *reached* says whether a contact has gone out. *context* goes with
    the invitation; *completed_at* is when the answer was whole, which counts for quotas once.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    customer_id = models.BigIntegerField()
    message_id = models.TextField()
    occurred_at = models.DateTimeField()
    facts = models.JSONField(default=dict)
    context = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
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
    completed_at = models.DateTimeField(null=True)

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


class Sweep(models.Model):
    """How far the customers were gone through for one local day of one plan with a date or a pulse."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    day = models.DateField()
    after_id = models.BigIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "day"], name="plans_sweep_once"),
        ]

    def __str__(self) -> str:
        return f"plan {self.plan_id} on {self.day}"


class Campaign(models.Model):
    """How far one plan has gone through its segment or its list.

    *key* tells one start from another. *after_id* is the last member taken; *paced_at* is the instant up
    to which the even spread has been used up; *day_taken* of *day* counts against the limit of a day.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    key = models.TextField()
    starts_at = models.DateTimeField()
    total = models.PositiveIntegerField(default=0)
    taken = models.PositiveIntegerField(default=0)
    entered = models.PositiveIntegerField(default=0)
    after_id = models.BigIntegerField(default=0)
    paced_at = models.DateTimeField()
    day = models.DateField(null=True)
    day_taken = models.PositiveIntegerField(default=0)
    done_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "key"], name="plans_campaign_once")]

    def __str__(self) -> str:
        return f"campaign {self.key} of plan {self.plan_id}"


class ListEntry(models.Model):
    """One customer whom a person put on a plan's list. *taken_at*: when it was decided about them."""

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    customer_id = models.BigIntegerField()
    added_by = models.TextField()
    added_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "customer_id"], name="plans_listed_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["plan", "id"], name="plans_list_waiting", condition=Q(taken_at=None)),
            models.Index(fields=["customer_id"], name="plans_listed"),
        ]

    def __str__(self) -> str:
        return f"customer {self.customer_id} on the list of plan {self.plan_id}"


class QuotaCount(models.Model):
    """How full one cell of one quota is. What counts people is hard: the database lets no more in.

    An answer that a customer gives to an invitation made before is counted whatever the limit is.
    """

    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="+")
    cell = models.TextField()
    limit = models.PositiveIntegerField()
    used = models.PositiveIntegerField(default=0)
    is_hard = models.BooleanField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "cell"], name="plans_quota_cell"),
            models.CheckConstraint(
                condition=Q(is_hard=False) | Q(used__lte=models.F("limit")), name="plans_quota_holds"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.used} of {self.limit} in {self.cell}"


class Lot(models.Model):
    """The seed of a version's lots: its hash is audited before any draw, the seed is revealed at the end."""

    version = models.OneToOneField(PlanVersion, on_delete=models.PROTECT, related_name="+")
    sealed_seed = models.BinaryField()
    commitment = models.TextField()
    committed_at = models.DateTimeField()
    revealed_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.commitment


class RewardBudget(models.Model):
    """What a plan's rewards may cost and what they have cost: the database lets no more be spent."""

    plan = models.OneToOneField(Plan, on_delete=models.PROTECT, related_name="+")
    budget = models.PositiveBigIntegerField()
    spent = models.PositiveBigIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(spent__lte=models.F("budget")), name="plans_budget_holds")
        ]

    def __str__(self) -> str:
        return f"{self.spent} of {self.budget}"


class Reward(models.Model):
    """One line of the ledger of rewards: what one answer earned, or why it earned nothing.

    *key* is unique, so that an answer earns once whatever is retried. *draw* is the lot's number.
    """

    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="+")
    version = models.ForeignKey(PlanVersion, on_delete=models.PROTECT, related_name="+")
    key = models.TextField(unique=True)
    enrolment_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True)
    state = models.TextField()
    reason = models.TextField(blank=True, default="")
    kind = models.TextField()
    name = models.JSONField(default=dict)
    points = models.PositiveIntegerField(default=0)
    sealed_code = models.BinaryField(null=True)
    cost = models.PositiveIntegerField(default=0)
    currency = models.TextField(blank=True, default="")
    draw = models.PositiveIntegerField(null=True)
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["issued", "void", "withheld"]), name="plans_reward_state"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["plan", "-id"], name="plans_rewards_of_plan"),
            models.Index(fields=["customer_id", "-issued_at"], name="plans_rewards_of"),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="reward_stays", operation=pgtrigger.Delete),
            pgtrigger.Protect(
                name="reward_frozen",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__key__df=pgtrigger.F("new__key"))
                | pgtrigger.Q(old__cost__df=pgtrigger.F("new__cost"))
                | pgtrigger.Q(old__points__df=pgtrigger.F("new__points"))
                | pgtrigger.Q(old__sealed_code__df=pgtrigger.F("new__sealed_code"))
                | pgtrigger.Q(old__draw__df=pgtrigger.F("new__draw")),
            ),
        ]

    def __str__(self) -> str:
        return f"reward {self.pk}"


class CouponCode(models.Model):
    """One code of a pool. Sealed, since whoever reads it can spend it; given out once at most."""

    pool = models.TextField()
    sealed = models.BinaryField()
    blind_index = models.BinaryField()
    added_at = models.DateTimeField()
    reward_id = models.BigIntegerField(null=True, unique=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["pool", "blind_index"], name="plans_coupon_once")
        ]
        indexes: ClassVar = [
            models.Index(fields=["pool", "id"], name="plans_coupons_left", condition=Q(reward_id=None))
        ]

    def __str__(self) -> str:
        return f"a code of {self.pool}"


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
