"""Makes of delivery's own facts, and of those of the rooms above, what other programs hear."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from huifang.customers import queries as customers
from huifang.delivery import webhooks
from huifang.delivery.records import AttemptSettled, LinkFollowed, ReplyReceived, Told
from huifang.kernel.ids import CustomerId


def tell(facts: Sequence[Told], *, now: datetime) -> int:
    """Store *facts*, all of one kind, for the endpoints that subscribed to it. Inside a transaction."""
    endpoints = webhooks.hears(facts[0].kind) if facts else []
    if not endpoints:
        return 0
    return webhooks.tell(_with_wallet_ids(facts), endpoints, now=now)


def _with_wallet_ids(facts: Sequence[Told]) -> list[Told]:
    """The customer's number is ours; the wallet knows them by its own id."""
    wanted = {CustomerId(number) for each in facts if isinstance(number := each.data.get("customer_id"), int)}
    known = customers.profiles(customer_ids=wanted) if wanted else {}
    found = []
    for each in facts:
        number = each.data.get("customer_id")
        profile = known.get(CustomerId(number)) if isinstance(number, int) else None
        found.append(
            replace(each, data={**each.data, "external_id": profile.external_id}) if profile else each
        )
    return found


def settled(facts: Iterable[AttemptSettled], *, now: datetime) -> None:
    """What became of attempts."""
    tell([_settled(fact) for fact in facts], now=now)


def _settled(fact: AttemptSettled) -> Told:
    data: dict[str, object] = {
        "attempt_id": fact.attempt_id,
        "key": fact.key,
        "customer_id": fact.customer_id,
        "channel": fact.channel,
        "plan_id": fact.plan_id,
        "enrolment_id": fact.enrolment_id,
        "outcome": fact.outcome,
        "reason": fact.reason,
    }
    return Told(kind="attempt.settled", key=f"{fact.attempt_id}:{fact.outcome}", data=data, at=fact.at)


def replied(fact: ReplyReceived, *, now: datetime) -> None:
    """That a customer wrote back; the words are asked for by whoever may."""
    data: dict[str, object] = {
        "reply_id": fact.reply_id,
        "customer_id": fact.customer_id,
        "channel": fact.channel,
        "attempt_id": fact.attempt_id,
        "plan_id": fact.plan_id,
    }
    tell([Told(kind="reply.received", key=str(fact.reply_id), data=data, at=fact.at)], now=now)


def followed(fact: LinkFollowed, *, now: datetime) -> None:
    """That a customer opened a link."""
    data: dict[str, object] = {
        "attempt_id": fact.attempt_id,
        "customer_id": fact.customer_id,
        "plan_id": fact.plan_id,
    }
    tell([Told(kind="link.followed", key=str(fact.attempt_id), data=data, at=fact.at)], now=now)
