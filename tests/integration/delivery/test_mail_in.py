"""Bounces and replies by real SMTP: into the listener, through the notices, to the contact point."""

import smtplib
import socket
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from django.db import transaction
from tests.contract.delivery.providers import MailServer
from tests.contract.email.test_returns import BOUNCE
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.customers import queries as customers
from huifang.delivery import mail_in, notices, sender, services
from huifang.delivery.models import Attempt, ProviderNotice
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def listener(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """The port on which mail comes back."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(mail_in, "LISTEN", f"127.0.0.1:{port}")
    mail_in.listen()
    yield port
    mail_in.stop()


def sent(now: Clock, mail: MailServer, round_number: int = 1, **changes: object) -> tuple[Attempt, str]:
    """An attempt that a mail server took, and its return address."""
    if round_number == 1:
        people.mail_account(mail.url, now.at, return_domain="back.wallet.example")
    customer_id = people.customer(now.at)
    wish = wanted(
        round_number, customer_id=customer_id, channel="email", not_after=now.at + timedelta(days=1)
    )
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wish, now=now.at)
    sender.send_batch("email")
    return Attempt.objects.get(pk=attempt_id), mail.senders[-1]


def come_back(port: int, address: str, content: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as server:
        server.sendmail("", [address], content.encode())


def is_reachable(attempt: Attempt) -> bool:
    customer_id = CustomerId(attempt.customer_id)
    return "email" in customers.standings(customer_ids=[customer_id])[customer_id].reachable_channels


def test_a_hard_bounce_fails_the_attempt_and_retires_the_mailbox(
    now: Clock, mail: MailServer, listener: int
) -> None:
    attempt, address = sent(now, mail)
    assert attempt.state == "accepted"
    for _ in range(2):
        come_back(listener, address, BOUNCE.format(action="failed", status="5.1.1"))
    assert ProviderNotice.objects.count() == 1
    notices.handle(now=now.at)
    attempt.refresh_from_db()
    assert (attempt.state, attempt.reason) == ("failed", "5.1.1")
    assert not is_reachable(attempt)


def test_the_third_soft_bounce_in_three_months_retires_the_mailbox(
    now: Clock, mail: MailServer, listener: int
) -> None:
    reachable = []
    for round_number in (1, 2, 3):
        attempt, address = sent(now, mail, round_number)
        come_back(listener, address, BOUNCE.format(action="failed", status="5.2.2"))
        notices.handle(now=now.at)
        reachable.append(is_reachable(attempt))
        now.forward(timedelta(days=16))
    assert reachable == [True, True, False]


def test_a_reply_with_a_no_silences_the_customer_of_the_attempt_whoever_it_claims_to_be_from(
    now: Clock, mail: MailServer, listener: int
) -> None:
    attempt, address = sent(now, mail)
    reply = EmailMessage()
    reply["From"], reply["Subject"] = "somebody@else.example", "Re: How was it?"
    reply.set_content("退订\n\n> {link}")
    come_back(listener, address, reply.as_string())
    notices.handle(now=now.at)
    assert ProviderNotice.objects.get().outcome == "refused"
    customer_id = CustomerId(attempt.customer_id)
    assert "*" in customers.standings(customer_ids=[customer_id])[customer_id].suppressed_channels


def test_mail_for_any_other_address_is_not_taken(listener: int) -> None:
    others = ["lin@customer.example", "r-aaaa@back.wallet.example"]
    server = smtplib.SMTP("127.0.0.1", listener, timeout=10)
    with server, pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        server.sendmail("a@b.example", others, "x")
    assert {code for code, _ in refused.value.recipients.values()} == {550}


def test_a_second_worker_stands_by_while_the_first_has_the_port(listener: int) -> None:
    first = mail_in._Listener.controller
    mail_in._Listener.controller = None
    mail_in.listen()
    assert mail_in._Listener.controller is None
    mail_in._Listener.controller = first
