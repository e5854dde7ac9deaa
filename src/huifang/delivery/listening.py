"""Keeps the connections on which providers tell receipts and replies, and stores what they tell."""

from datetime import datetime

from huifang.delivery import accounts, notices
from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Listening
from huifang.delivery.errors import AccountInvalidError, UnknownProviderError
from huifang.delivery.models import ChannelAccount

_heard: dict[int, Listening] = {}


def collect(*, now: datetime) -> int:
    """Store what was told on every connection of this process, then say so; returns how much was new.

    What is not stored is not acknowledged, and the provider tells it again.
    """
    open_now = _open()
    for account_id in set(_heard) - set(open_now):
        _heard.pop(account_id).close()
    new = 0
    for account_id, (row, port) in open_now.items():
        before = _heard.get(account_id)
        if before is not None and before is not port:  # its settings changed
            before.close()
        _heard[account_id] = port
        for told in port.collect():
            new += notices.store(row, told.notices, now=now)
            told.done()
    return new


def _open() -> dict[int, tuple[ChannelAccount, Listening]]:
    found: dict[int, tuple[ChannelAccount, Listening]] = {}
    rows = ChannelAccount.objects.filter(is_enabled=True, provider__in=registry.listening())
    for row in rows:
        try:
            port = accounts.open_account(row).port
        except (AccountInvalidError, UnknownProviderError):
            continue
        if isinstance(port, Listening):
            found[int(row.pk)] = (row, port)
    return found
