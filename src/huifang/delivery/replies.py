"""What customers write back: sealed where it is kept, told as a fact without its words."""

from huifang.delivery import telling
from huifang.delivery.models import Attempt, ProviderNotice, Reply
from huifang.delivery.records import ReplyReceived
from huifang.kernel import outbox, vault
from huifang.kernel.ids import AttemptId, CustomerId, PlanId

TEXT_MAX = 4000
_CONTEXT = "delivery/reply"


def keep(notice: ProviderNotice, attempt: Attempt | None, text: str) -> int:
    """Store the words of *notice*, whose customer is known, and tell of them. Inside a transaction."""
    text = text.replace("\0", "")[:TEXT_MAX]
    assert notice.customer_id is not None
    reply, is_new = Reply.objects.get_or_create(
        notice=notice,
        defaults={
            "attempt": attempt,
            "customer_id": notice.customer_id,
            "channel": notice.account.channel,
            "sealed_text": vault.seal(text.encode(), context=_CONTEXT),
            "received_at": notice.received_at,
        },
    )
    if is_new:
        fact = _fact(reply, attempt, len(text))
        outbox.record(fact)
        telling.replied(fact, now=notice.received_at)
    return int(reply.pk)


def _fact(reply: Reply, attempt: Attempt | None, length: int) -> ReplyReceived:
    plan_id = attempt.plan_id if attempt else None
    return ReplyReceived(
        reply_id=int(reply.pk),
        customer_id=CustomerId(reply.customer_id),
        channel=reply.channel,
        text_length=length,
        at=reply.received_at,
        attempt_id=AttemptId(attempt.pk) if attempt else None,
        plan_id=None if plan_id is None else PlanId(plan_id),
        round_key=attempt.round_key if attempt else "",
    )


def text_of(reply: Reply) -> str:
    """The words of a reply; "" where they were erased."""
    sealed = bytes(reply.sealed_text)
    return vault.unseal(sealed, context=_CONTEXT).decode() if sealed else ""
