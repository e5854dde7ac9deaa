"""What is particular to e-mail: MIME, one-click refusal, and each phase of SMTP."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.contract.delivery.providers import mail_server

from huifang.delivery.channels.base import Message
from huifang.delivery.channels.email.message import build
from huifang.delivery.channels.email.smtp import Smtp
from huifang.delivery.errors import DeliveryError

NOON = datetime(2025, 3, 12, 4, 0, tzinfo=UTC)
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="体验如何?",
    body="Hello,\nhow was it?\n\nTell us: https://wallet.example/s/abc?x=1&y=2.",
    language="zh-Hans",
    wallet_name="Spruce Wallet",
    preference_url="https://wallet.example/p/xyz",
    one_click_url="https://wallet.example/p/xyz/unsubscribe",
)


def smtp(url: str) -> Smtp:
    return Smtp({"url": url, "sender": "Spruce Wallet <care@wallet.example>"})


def test_the_mail_can_be_refused_with_one_click_and_read_as_text_and_html() -> None:
    with mail_server() as server:
        smtp(server.url).send(MESSAGE, "lin@customer.example")
    mail = server.mails[0]
    assert mail["Subject"] == "体验如何?"
    assert mail["From"] == "Spruce Wallet <care@wallet.example>"
    assert mail["List-Unsubscribe"] == "<https://wallet.example/p/xyz/unsubscribe>"
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "zh-Hans"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and html is not None
    assert plain.get_content().rstrip().endswith("https://wallet.example/p/xyz")
    link = "https://wallet.example/s/abc?x=1&amp;y=2"
    assert f'<a href="{link}">{link}</a>.' in html.get_content()
    assert "<p>Hello,<br>how was it?</p>" in html.get_content()


def test_the_number_of_a_mail_is_the_same_at_each_try_and_another_for_another_attempt() -> None:
    first = build(MESSAGE, sender="care@wallet.example", to="a@b.example", now=NOON)
    again = build(MESSAGE, sender="care@wallet.example", to="a@b.example", now=NOON)
    other = build(replace(MESSAGE, key="k"), sender="care@wallet.example", to="a@b.example", now=NOON)
    assert first["Message-ID"] == again["Message-ID"] != other["Message-ID"]


def test_words_of_operators_and_customers_cannot_become_markup_or_headers() -> None:
    message = replace(MESSAGE, subject="Hi\r\nBcc: all@x.example", body="<script>1</script> & https://a.b/'")
    mail = build(message, sender="care@wallet.example", to="a@b.example", now=NOON)
    assert mail["Subject"] == "Hi Bcc: all@x.example"
    assert mail["Bcc"] is None
    html = mail.get_body(("html",))
    assert html is not None
    assert "<script>" not in html.get_content()


@pytest.mark.parametrize(
    "to", ["", "no-at", "a@b.example\nBcc: c@d.example", "a b@c.example", "林@b.example"]
)
def test_an_address_that_cannot_be_one_is_dead(to: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        build(MESSAGE, sender="care@wallet.example", to=to, now=NOON)
    assert (refused.value.permanent, refused.value.effect) == (True, "dead")


def test_a_goodbye_that_fails_does_not_unsend_the_mail() -> None:
    with mail_server() as server:
        server.quit = "500 no"
        receipt = smtp(server.url).send(MESSAGE, "lin@customer.example")
    assert receipt.provider_message_id
    assert len(server.mails) == 1


@pytest.mark.parametrize(
    ("where", "reply", "permanent", "effect"),
    [
        ("rcpt", "550 5.1.1 unknown", True, "dead"),
        ("rcpt", "550 5.7.1 not allowed", True, ""),
        ("rcpt", "452 4.2.2 mailbox full", False, ""),
        ("reply", "550 5.1.1 unknown", True, "dead"),
        ("reply", "554 5.7.1 spam", True, ""),
        ("reply", "451 4.3.0 later", False, ""),
    ],
)
def test_each_answer_says_what_to_do(where: str, reply: str, permanent: bool, effect: str) -> None:
    with mail_server() as server:
        setattr(server, where, reply)
        with pytest.raises(DeliveryError) as refused:
            smtp(server.url).send(MESSAGE, "lin@customer.example")
    assert (refused.value.code, refused.value.permanent, refused.value.effect) == (
        f"smtp_{reply[:3]}",
        permanent,
        effect,
    )


@pytest.mark.parametrize(
    ("host", "code"), [("127.0.0.2", "no_tls_for_password"), ("127.0.0.1", "login_refused")]
)
def test_a_password_is_not_sent_in_the_clear_beyond_this_machine(host: str, code: str) -> None:
    with mail_server(host) as server:
        url = server.url.replace("smtp://", "smtp://user:password@")
        with pytest.raises(DeliveryError) as refused:
            smtp(url).send(MESSAGE, "lin@customer.example")
    assert (refused.value.code, refused.value.permanent, refused.value.effect) == (code, False, "account")
    assert server.mails == []
