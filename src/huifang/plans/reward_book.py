"""What can be asked of the rewards: a customer's page, the ledger of a plan, what it has cost."""

from dataclasses import dataclass

from django.db.models import Count, Sum

from huifang.kernel import vault
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans import coupons, population
from huifang.plans.errors import UnknownRewardError
from huifang.plans.models import Enrolment, Reward, RewardBudget
from huifang.plans.records import Incentive, PlanDefinition, PrizeKind, RewardRecord
from huifang.plans.rewards import TOKEN, path_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardPage:
    """What a customer sees: *reward* None: their answer has not come in whole yet, or not been heard of."""

    incentive: Incentive
    definition: PlanDefinition
    customer_id: CustomerId
    reward: RewardRecord | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RewardReport:
    """What the rewards of a plan have cost, in hundredths of *currency*. *counts* by state and reason."""

    budget: int
    spent: int
    currency: str
    issued: int
    voided: int
    withheld: dict[str, int]
    cost_by_kind: dict[str, int]
    count_by_kind: dict[str, int]

    @property
    def left(self) -> int:
        """What may still be spent."""
        return self.budget - self.spent


def page(*, token: str) -> RewardPage:
    """What the page behind *token* shows. Raises `UnknownRewardError`."""
    number = vault.read_token(TOKEN, token)
    row = Enrolment.objects.filter(pk=number).first() if number is not None else None
    if row is None:
        raise UnknownRewardError(reward_id=0)
    definition = population.plans_of_versions({row.version_id})[row.version_id].definition
    if definition.incentive is None:
        raise UnknownRewardError(reward_id=0)
    reward = Reward.objects.filter(key=f"enrolment:{row.pk}").first()
    return RewardPage(
        incentive=definition.incentive,
        definition=definition,
        customer_id=CustomerId(row.customer_id),
        reward=record_of(reward) if reward else None,
    )


def rewards_of_plan(*, plan_id: PlanId, limit: int, before: int | None = None) -> list[RewardRecord]:
    """The ledger of a plan, newest first; *before* is the id of the last line of the page before."""
    found = Reward.objects.filter(plan_id=plan_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return [record_of(row) for row in found.order_by("-pk")[:limit]]


def rewards_of(*, customer_id: CustomerId, limit: int = 100) -> list[RewardRecord]:
    """The rewards of one customer, newest first."""
    found = Reward.objects.filter(customer_id=customer_id).order_by("-issued_at", "-pk")
    return [record_of(row) for row in found[:limit]]


def reward_code(*, reward_id: int) -> str:
    """The coupon's code of a reward that stands, for the wallet that pays it; "" where there is none."""
    row = Reward.objects.filter(pk=reward_id, state="issued").first()
    return coupons.read(bytes(row.sealed_code)) if row and row.sealed_code else ""


def report(*, plan_id: PlanId) -> RewardReport:
    """What the rewards of a plan have cost so far."""
    budget = RewardBudget.objects.filter(plan_id=plan_id).first()
    rows = list(Reward.objects.filter(plan_id=plan_id).values("state").annotate(number=Count("pk")))
    states = {row["state"]: row["number"] for row in rows}
    issued = Reward.objects.filter(plan_id=plan_id, state="issued").values("kind")
    kinds = list(issued.annotate(number=Count("pk"), paid=Sum("cost")).order_by("kind"))
    withheld = Reward.objects.filter(plan_id=plan_id, state="withheld").values_list("reason")
    currency = Reward.objects.filter(plan_id=plan_id).order_by("-pk").values_list("currency", flat=True)
    return RewardReport(
        budget=budget.budget if budget else 0,
        spent=budget.spent if budget else 0,
        currency=currency.first() or "",
        issued=states.get("issued", 0),
        voided=states.get("void", 0),
        withheld=dict(withheld.annotate(number=Count("pk")).order_by("reason")),
        cost_by_kind={row["kind"]: row["paid"] for row in kinds},
        count_by_kind={row["kind"]: row["number"] for row in kinds},
    )


def record_of(row: Reward) -> RewardRecord:
    """The record of one line of the ledger."""
    return RewardRecord(
        id=row.pk,
        plan_id=PlanId(row.plan_id),
        customer_id=None if row.customer_id is None else CustomerId(row.customer_id),
        kind=PrizeKind(row.kind),
        name=row.name,
        points=row.points,
        code=coupons.read(bytes(row.sealed_code)) if row.sealed_code else "",
        cost=row.cost,
        currency=row.currency,
        state=row.state,
        reason=row.reason,
        path=path_of(row.enrolment_id) if row.enrolment_id else "",
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        seen_at=row.seen_at,
    )
