"""Asks providers what became of attempts whose outcome is unknown. It never sends anything again."""

import logging
from datetime import datetime, timedelta

from django.db import transaction

from huifang.customers import queries as customers
from huifang.delivery import accounts, notices
from huifang.delivery.channels.base import Askable, Notice
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    OutcomeUnknownError,
    UnknownProviderError,
    VariableMissingError,
)
from huifang.delivery.models import Attempt
from huifang.delivery.rendering import message_of
from huifang.kernel.ids import CustomerId
from huifang.kernel.refusals import Refusal
from huifang.kernel.vault import VaultError

_log = logging.getLogger(__name__)
BATCH = 20
# A provider may take a minute to show a message; after a day it knows no more than before.
_FIRST_AFTER = timedelta(minutes=1)
_NO_LONGER_AFTER = timedelta(days=1)


def ask(*, now: datetime) -> int:
    """Ask about what is due; returns how much was told."""
    return sum(_told(attempt, now=now) for attempt in _due(now=now))


def _due(*, now: datetime) -> list[Attempt]:
    """Attempts to ask about now, put off at once, so that two workers ask once: each time twice as long."""
    with transaction.atomic():
        found = Attempt.objects.filter(
            state="unknown",
            due_at__lte=now,
            account__isnull=False,
            handed_over_at__gt=now - _NO_LONGER_AFTER,
            handed_over_at__lte=now - _FIRST_AFTER,
        ).order_by("due_at")
        rows = list(found.select_for_update(skip_locked=True, of=("self",))[:BATCH])
        for row in rows:
            assert row.handed_over_at is not None
            row.due_at = now + (now - row.handed_over_at)
            row.save(update_fields=["due_at"])
    return rows


def _told(attempt: Attempt, *, now: datetime) -> int:
    assert attempt.account is not None
    try:
        notice = _ask(attempt)
    except (DeliveryError, OutcomeUnknownError) as error:
        _log.info("nothing is known of attempt %s yet: %s", attempt.pk, error.code)
        return 0
    except (AccountInvalidError, UnknownProviderError, VariableMissingError, VaultError, Refusal) as error:
        _log.info("attempt %s cannot be asked about: %s", attempt.pk, type(error).__name__)
        return 0
    return notices.store(attempt.account, [notice], now=now) if notice else 0


def _ask(attempt: Attempt) -> Notice | None:
    assert attempt.account is not None
    account = accounts.open_account(attempt.account)
    if not isinstance(account.port, Askable) or attempt.handed_over_at is None:
        return None
    to = customers.address(customer_id=CustomerId(attempt.customer_id), channel=attempt.channel)
    if to is None:
        return None
    message = message_of(attempt, notice_url=account.notice_url)
    return account.port.look_up(message, to, sent_at=attempt.handed_over_at)
