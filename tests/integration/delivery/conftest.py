"""A clock that tests set, and providers on loopback."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from tests.contract.delivery.providers import HttpProvider, MailServer, http_provider, mail_server, sms_ok
from tests.integration.delivery.makers import NOON

from huifang.delivery import sender
from huifang.kernel import clock


class Clock:
    """Stands still until told otherwise."""

    def __init__(self, at: datetime) -> None:
        self.at = at
        self.trusted = True

    def forward(self, span: timedelta) -> datetime:
        self.at += span
        return self.at


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The product's clock, at noon in Shanghai."""
    standing = Clock(NOON)
    monkeypatch.setattr(clock, "now", lambda: standing.at)
    monkeypatch.setattr(clock, "is_trusted", lambda: standing.trusted)
    # The machine that runs the tests may be slow; what happens then has tests of its own.
    monkeypatch.setattr(sender, "GATE_SECONDS", 60.0)
    return standing


@pytest.fixture
def sms() -> Iterator[HttpProvider]:
    with http_provider(sms_ok) as provider:
        yield provider


@pytest.fixture
def mail() -> Iterator[MailServer]:
    with mail_server() as server:
        yield server
