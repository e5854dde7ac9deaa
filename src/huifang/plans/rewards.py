"""Issues what an answer earns: once an answer whatever is retried, never beyond the budget. Ledgered.

The row of the plan's budget is locked while a reward is issued, and the database itself refuses a second
reward for one answer and a spending beyond the budget. An answer that earns nothing has its reason stored.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction

from huifang.kernel import audit, outbox, vault
from huifang.kernel.ids import CustomerId, PlanId
from huifang.plans import coupons, lots
from huifang.plans.errors import RewardNotVoidableError, UnknownRewardError
from huifang.plans.models import Enrolment, Lot, PlanVersion, Reward, RewardBudget
from huifang.plans.records import Incentive, IncentiveKind, Prize, PrizeKind, RewardIssued

TOKEN = "reward"  # noqa: S105 - what tokens are for, not one
ISSUED, VOID, WITHHELD = "issued", "void", "withheld"
BUDGET_SPENT, LIMIT_REACHED, POOL_EMPTY = "budget_spent", "limit_reached", "pool_empty"
_CUSTOMER_LOCK = 0x52455744
_SEED_CONTEXT = "lot"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Drawn:
    """The prize of one answer, and the number of the lot where there was one."""

    prize: Prize
    number: int | None = None


def path_of(enrolment_id: int) -> str:
    """The customer's page of what the answer to this follow-up earns."""
    return f"/reward/{vault.token(TOKEN, enrolment_id)}"


def prepare(version: PlanVersion, incentive: Incentive | None, *, by: str, now: datetime) -> None:
    """Before the version goes live: its budget stands, and the seed of its lot is committed to."""
    if incentive is None:
        return
    row, _ = RewardBudget.objects.select_for_update().get_or_create(
        plan_id=version.plan_id, defaults={"budget": incentive.budget}
    )
    row.budget = max(incentive.budget, row.spent)
    row.save(update_fields=["budget"])
    if incentive.kind is not IncentiveKind.RANDOM or Lot.objects.filter(version=version).exists():
        return
    seed = secrets.token_bytes(lots.SEED_BYTES)
    commitment = lots.commitment(seed)
    sealed = vault.seal(seed, context=_SEED_CONTEXT)
    Lot.objects.create(version=version, sealed_seed=sealed, commitment=commitment, committed_at=now)
    audit.record(
        actor=by,
        action="plan.lot_committed",
        subject=f"plan:{version.plan_id}",
        facts={"version": version.number, "sha256": commitment},
        at=now,
    )


def issue(row: Enrolment, incentive: Incentive, *, now: datetime) -> None:
    """Issue what this follow-up's answer earns; asked again, nothing happens. In the caller's transaction."""
    key = f"enrolment:{row.pk}"
    with connection.cursor() as cursor:  # rewards of one customer one after the other: they count together
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_CUSTOMER_LOCK, row.customer_id & 0x7FFFFFFF])
    budget = RewardBudget.objects.select_for_update().get(plan_id=row.plan_id)
    if Reward.objects.filter(key=key).exists():
        return
    drawn = _draw(row.version_id, incentive, key)
    reward = Reward(
        plan_id=row.plan_id,
        version_id=row.version_id,
        key=key,
        enrolment_id=row.pk,
        customer_id=row.customer_id,
        state=ISSUED,
        kind=drawn.prize.kind,
        name=drawn.prize.name,
        points=drawn.prize.points if drawn.prize.kind is PrizeKind.POINTS else 0,
        cost=drawn.prize.cost,
        currency=incentive.currency,
        draw=drawn.number,
        issued_at=now,
        expires_at=now + timedelta(days=incentive.valid_days),
    )
    reason = _obstacle(row, incentive, budget, drawn.prize, now=now)
    if not reason:
        reason = _hand_out(reward, drawn.prize)
    if reason:
        reward.state, reward.reason, reward.cost, reward.points = WITHHELD, reason, 0, 0
        reward.save()
        return
    budget.spent += reward.cost
    budget.save(update_fields=["spent"])
    _announce(reward, now=now)


def _draw(version_id: int, incentive: Incentive, key: str) -> _Drawn:
    if incentive.kind is not IncentiveKind.RANDOM:
        return _Drawn(prize=incentive.prizes[0])
    seed = vault.unseal(bytes(Lot.objects.get(version_id=version_id).sealed_seed), context=_SEED_CONTEXT)
    number, place = lots.draw(seed, key, [prize.weight for prize in incentive.prizes])
    return _Drawn(prize=incentive.prizes[place], number=number)


def _obstacle(
    row: Enrolment, incentive: Incentive, budget: RewardBudget, prize: Prize, *, now: datetime
) -> str:
    recent = Reward.objects.filter(
        plan_id=row.plan_id, customer_id=row.customer_id, state=ISSUED, issued_at__gt=now - incentive.window
    )
    if recent.count() >= incentive.per_customer:
        return LIMIT_REACHED
    return BUDGET_SPENT if budget.spent + prize.cost > budget.budget else ""


def _hand_out(reward: Reward, prize: Prize) -> str:
    """Store the reward with its code; "" or why there is none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('plans_reward', 'id'))")
        reward.pk = cursor.fetchone()[0]
    if prize.kind is PrizeKind.COUPON:
        reward.sealed_code = coupons.take(prize.pool, reward_id=reward.pk)
        if reward.sealed_code is None:
            return POOL_EMPTY
    reward.save(force_insert=True)
    return ""


def _announce(reward: Reward, *, now: datetime) -> None:
    if reward.kind == PrizeKind.NOTHING:
        return
    assert reward.customer_id is not None, "a reward that was just issued belongs to a customer"
    outbox.record(
        RewardIssued(
            reward_id=reward.pk,
            key=reward.key,
            customer_id=CustomerId(reward.customer_id),
            plan_id=PlanId(reward.plan_id),
            kind=reward.kind,
            points=reward.points,
            at=now,
        )
    )


def void(*, reward_id: int, by: str, now: datetime, why: str = "") -> None:
    """Take a reward back; its cost goes back to the budget, its code to nobody.

    Raises `UnknownRewardError`, `RewardNotVoidableError`.
    """
    _change(reward_id, ISSUED, VOID, by=by, now=now, why=why)


def restore(*, reward_id: int, by: str, now: datetime, why: str = "") -> None:
    """Undo `void`, where the budget still pays for it. Raises as it does."""
    _change(reward_id, VOID, ISSUED, by=by, now=now, why=why)


def _change(reward_id: int, before: str, after: str, *, by: str, now: datetime, why: str) -> None:  # noqa: PLR0913
    plan_id = Reward.objects.filter(pk=reward_id).values_list("plan_id", flat=True).first()
    if plan_id is None:
        raise UnknownRewardError(reward_id=reward_id)
    with transaction.atomic():
        budget = RewardBudget.objects.select_for_update().get(plan_id=plan_id)
        reward = Reward.objects.select_for_update().get(pk=reward_id)
        spent = budget.spent + (reward.cost if after == ISSUED else -reward.cost)
        if reward.state != before or spent > budget.budget:
            raise RewardNotVoidableError(state=reward.state)
        budget.spent = spent
        budget.save(update_fields=["spent"])
        reward.state, reward.changed_at = after, now
        reward.save(update_fields=["state", "changed_at"])
        facts = {"reward": reward_id, "why": why, "cost": reward.cost}
        action = "reward.voided" if after == VOID else "reward.restored"
        audit.record(actor=by, action=action, subject=f"plan:{plan_id}", facts=facts, at=now)


def reveal_lot(*, version_id: int, by: str, now: datetime) -> str:
    """The seed of a version that is over, in hexadecimal, so that its draws can be checked by anybody.

    Raises `UnknownRewardError` where it has no lot, `RewardNotVoidableError` while it still draws.
    """
    with transaction.atomic():
        lot = Lot.objects.select_for_update().select_related("version").filter(version_id=version_id).first()
        if lot is None:
            raise UnknownRewardError(reward_id=version_id)
        if lot.version.state != "ended":
            raise RewardNotVoidableError(state=lot.version.state)
        if lot.revealed_at is None:
            lot.revealed_at = now
            lot.save(update_fields=["revealed_at"])
            facts = {"version": lot.version.number, "sha256": lot.commitment}
            subject = f"plan:{lot.version.plan_id}"
            audit.record(actor=by, action="plan.lot_revealed", subject=subject, facts=facts, at=now)
    return vault.unseal(bytes(lot.sealed_seed), context=_SEED_CONTEXT).hex()
