"""The inbox inside the app. Fetching is the contact, so the last gate is asked right before it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import transaction

from huifang.decisions.eligibility import Outcome as Said
from huifang.decisions.reasons import Reason
from huifang.delivery import gate, settling
from huifang.delivery.errors import UnknownInboxMessageError, VariableMissingError
from huifang.delivery.models import Attempt
from huifang.delivery.records import AttemptState, InboxChoice, InboxMessage
from huifang.delivery.rendering import preference_url, render
from huifang.kernel.ids import CustomerId

LENGTH_MAX = 50
_REFUSED = frozenset({Reason.SUPPRESSED, Reason.NO_CONSENT})
S = AttemptState


def waiting(customer_id: CustomerId, *, now: datetime, is_locking: bool = False) -> list[Attempt]:
    """Messages that are there, newest first."""
    found = Attempt.objects.filter(
        customer_id=customer_id, channel="in_app", state__in=(S.ACCEPTED, S.DELIVERED), not_after__gt=now
    ).select_related("wording")
    if is_locking:
        found = found.select_for_update(of=("self",))
    return list(found.order_by("-queued_at", "-pk")[:LENGTH_MAX])


def shown(attempts: Sequence[Attempt]) -> list[InboxMessage]:
    """The records of *attempts*; one that cannot be filled whole is left out."""
    found = []
    for attempt in attempts:
        try:
            found.append(_record(attempt))
        except VariableMissingError:
            continue
    return found


def _record(attempt: Attempt) -> InboxMessage:
    url = preference_url(attempt.customer_id)
    rendered = render(attempt.wording.subject, attempt.wording.body, attempt, preference_url=url)
    return InboxMessage(
        id=attempt.pk,
        subject=rendered.subject,
        body=rendered.body,
        link=attempt.variables.get("link", ""),
        language=attempt.language,
        sent_at=attempt.handed_over_at or attempt.queued_at,
        expires_at=attempt.not_after,
        is_new=attempt.state == S.ACCEPTED,
        seen_at=attempt.seen_at,
        choices=tuple(
            InboxChoice(value=each.value, label=each.label, link=each.url) for each in rendered.buttons
        ),
    )


def fetch(customer_id: CustomerId, *, now: datetime) -> list[InboxMessage]:
    """What the app may show now; what was not fetched before is delivered, or withheld after a "no"."""
    with transaction.atomic():
        attempts = waiting(customer_id, now=now, is_locking=True)
        fresh = {each.pk for each in attempts if each.state == S.ACCEPTED}
        hidden = set()
        for checked in gate.check(attempts, gate.ready(now=now), now=now):
            said, attempt = checked.decision, checked.attempt
            if attempt.pk not in fresh:
                # It was shown already, so hours are nothing to it; after a "no" it is shown no more.
                hidden |= {attempt.pk} if said.reason in _REFUSED else set()
            elif said.outcome is Said.CONTACT:
                _settle(attempt, S.DELIVERED, "", now=now)
            else:
                hidden.add(attempt.pk)
                if said.outcome is Said.NO and said.reason is not Reason.CLOCK_UNSURE:
                    _settle(attempt, S.WITHHELD, str(said.reason or ""), now=now)
    messages = shown([each for each in attempts if each.pk not in hidden])
    return [replace(message, is_new=message.id in fresh) for message in messages]


def mark_seen(customer_id: CustomerId, message_id: int, *, now: datetime) -> None:
    """Note when a message was seen first."""
    with transaction.atomic():
        attempt = (
            Attempt.objects.select_for_update()
            .filter(
                pk=message_id,
                customer_id=customer_id,
                channel="in_app",
                state__in=(S.ACCEPTED, S.DELIVERED),
            )
            .first()
        )
        if attempt is None:
            raise UnknownInboxMessageError(message_id=message_id)
        if attempt.state == S.ACCEPTED:
            _settle(attempt, S.DELIVERED, "", now=now)
        Attempt.objects.filter(pk=attempt.pk, seen_at=None).update(seen_at=now)


def _settle(attempt: Attempt, state: AttemptState, reason: str, *, now: datetime) -> None:
    attempt.state, attempt.reason, attempt.settled_at = state, reason, now
    attempt.save(update_fields=["state", "reason", "settled_at"])
    settling.announce([(attempt, state, reason, now)])
