"""A "no" in words holds on every channel that can be answered, also where the address is known no more."""

import json
import smtplib
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest
from django.db import transaction
from django.test import Client
from tests.contract.delivery.providers import HttpProvider, MailServer
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted
from tests.integration.delivery.test_mail_in import come_back, listener, sent

from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.delivery import mail_in, notices, sender, services
from huifang.delivery.channels.webhook import signing
from huifang.delivery.models import ChannelAccount, ProviderNotice
from huifang.kernel.ids import CustomerId

SECRET = "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQtc2VjcmV0LXNlY3JldCE="
pytestmark = pytest.mark.django_db(transaction=True)
__all__ = ["listener"]


def silenced(customer_id: int) -> bool:
    key = CustomerId(customer_id)
    return "*" in customers.standings(customer_ids=[key])[key].suppressed_channels


def written_back(account: ChannelAccount, text: str) -> int:
    event = {"type": "message.received", "data": {"id": "in", "to": "wallet-1", "text": text}}
    body = json.dumps(event)
    headers = signing.headers([SECRET], "msg_1", body, at=datetime.now(UTC))
    given = {name: value for name, value in headers.items() if name != "content-type"}
    path = f"/hooks/webhook/{account.pk}"
    reply = Client().post(path, body, content_type="application/json", headers=given)
    return reply.status_code


@pytest.mark.parametrize("was_written_to", [True, False])
def test_a_no_by_webhook_silences_whom_the_wallet_names(
    now: Clock, sms: HttpProvider, was_written_to: bool
) -> None:
    account = people.account("webhook", "signed", {"url": sms.url, "secret": SECRET}, now.at)
    customer_id = people.customer(now.at)
    if was_written_to:
        with transaction.atomic():
            services.enqueue(attempt=wanted(customer_id=customer_id, channel="webhook"), now=now.at)
        sender.send_batch("webhook")
    assert written_back(account, "退订") == 200
    notices.handle(now=now.at)
    assert ProviderNotice.objects.get().outcome == "refused"
    assert silenced(customer_id)


def test_a_no_by_mail_holds_although_the_mailbox_was_given_up_since(
    now: Clock, mail: MailServer, listener: int
) -> None:
    attempt, address = sent(now, mail)
    customer_services.retire_contact_point(
        customer_id=CustomerId(attempt.customer_id), channel="email", reason="5.1.1", at=now.at
    )
    reply = EmailMessage()
    reply["Subject"] = "Re: How was it?"
    reply.set_content("退订")
    come_back(listener, address, reply.as_string())
    notices.handle(now=now.at)
    assert silenced(attempt.customer_id)


def test_a_reply_that_cannot_be_taken_now_is_asked_for_again(
    now: Clock, mail: MailServer, listener: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, address = sent(now, mail)

    def broken(*_: object, **__: object) -> int:
        raise RuntimeError

    monkeypatch.setattr(mail_in, "take", broken)
    with pytest.raises(smtplib.SMTPDataError) as refused:
        come_back(listener, address, "Subject: x\n\nSTOP")
    assert refused.value.smtp_code == 451
