"""What comes back to a return address: bounces as mail servers write them, replies as people do."""

from email import message_from_string, policy
from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.contract.delivery.providers import mail_server

from huifang.delivery.channels.base import Message
from huifang.delivery.channels.email import returns
from huifang.delivery.channels.email.smtp import Smtp
from huifang.delivery.errors import AccountInvalidError

BOUNCE = """\
From: MAILER-DAEMON@mx.customer.example
To: r-x@back.wallet.example
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

This is the mail system. I'm sorry to have to inform you.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.customer.example

Final-Recipient: rfc822; lin@customer.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 STOP 退订 unsubscribe

--b--
"""


def mail(text: str) -> EmailMessage:
    made = message_from_string(text, policy=policy.default)
    assert isinstance(made, EmailMessage)
    return made


@pytest.mark.parametrize(
    ("action", "status", "kind", "is_dead", "is_soft"),
    [
        ("failed", "5.1.1", "bounce", True, False),
        ("failed", "5.2.2 (mailbox full)", "bounce", False, True),
        ("failed", "4.4.7", "bounce", False, True),
        ("failed", "", "bounce", False, True),
        ("delivered", "2.0.0", "delivered", False, False),
        ("delayed", "4.4.1", "", False, False),
        ("relayed", "2.0.0", "", False, False),
    ],
)
def test_a_bounce_tells_whether_the_mailbox_is_dead(
    action: str, status: str, kind: str, is_dead: bool, is_soft: bool
) -> None:
    found = returns.read(mail(BOUNCE.format(action=action, status=status)))
    assert (found.kind, found.is_dead, found.is_soft, found.text) == (kind, is_dead, is_soft, "")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("退订\n\n> 回复退订即可", "退订"),
        ("Thank you!\n\nOn Wed, 12 Mar 2025 at 12:00, Spruce wrote:\n> unsubscribe here", "Thank you!"),
        ("好的\n\n在 2025年3月12日 写道:\n退订", "好的"),
        ("", "Unsubscribe"),
    ],
)
def test_of_a_reply_only_the_customers_own_words_are_read(body: str, words: str) -> None:
    reply = EmailMessage()
    reply["Subject"] = "Unsubscribe"
    reply.set_content(body)
    found = returns.read(reply)
    assert (found.kind, found.text) == ("reply", words)


@pytest.mark.parametrize(
    ("name", "value"),
    [("Auto-Submitted", "auto-replied"), ("Precedence", "bulk"), ("X-Autoreply", "yes")],
)
def test_a_machine_that_answers_is_no_reply(name: str, value: str) -> None:
    reply = EmailMessage()
    reply[name] = value
    reply.set_content("I am away. STOP calling.")
    assert returns.read(reply).kind == ""


@given(st.integers(0, 2**40))
def test_a_return_address_leads_to_its_attempt_in_any_case(attempt_id: int) -> None:
    address = returns.return_address(attempt_id, "back.wallet.example")
    assert len(address.partition("@")[0]) <= 64
    assert returns.attempt_of(address) == returns.attempt_of(address.upper()) == attempt_id


@pytest.mark.parametrize(
    "address", ["", "lin@customer.example", "r-@x", "r-" + "a" * 39 + "@x", "r-1@x", "r-" + "a" * 40 + "@x"]
)
def test_no_other_address_is_ours(address: str) -> None:
    assert returns.attempt_of(address) is None


def test_a_mail_of_an_account_with_a_domain_of_bounces_bears_its_own_return_address() -> None:
    message = Message(
        key="k", attempt_id=7, subject="s", body="b", language="en", wallet_name="Spruce Wallet"
    )
    with mail_server() as server:
        settings = {
            "url": server.url,
            "sender": "care@wallet.example",
            "return_domain": "Back.Wallet.example",
        }
        Smtp(settings).send(message, "lin@customer.example")
    (got,) = server.mails
    assert server.senders == [returns.return_address(7, "back.wallet.example")]
    assert (got["From"], got["Reply-To"]) == ("Spruce Wallet <care@wallet.example>", server.senders[0])


def test_a_domain_of_bounces_that_is_none_is_refused() -> None:
    with pytest.raises(AccountInvalidError):
        Smtp({"url": "smtp://x", "sender": "care@wallet.example", "return_domain": "a b"})
