"""WeChat and WeCom: tokens that several processes share, callbacks in clear and sealed, what they change."""

import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.test import Client
from tests.contract.delivery import messengers
from tests.contract.delivery.messengers import AES_KEY, APPID, CORP, OPENID, Messenger
from tests.contract.delivery.providers import Answer, HttpProvider, Posted, http_provider
from tests.integration.delivery import people
from tests.integration.delivery.conftest import Clock
from tests.integration.delivery.makers import wanted

from huifang.customers import queries as customers
from huifang.delivery import notices, queries, sender, services, tokens
from huifang.delivery.channels import registry
from huifang.delivery.channels.base import Message
from huifang.delivery.channels.im import crypto
from huifang.delivery.errors import DeliveryError
from huifang.delivery.models import AccessToken, Attempt, ChannelAccount, Reply
from huifang.kernel.ids import CustomerId

pytestmark = pytest.mark.django_db(transaction=True)
RECORDED = Path(__file__).parents[2] / "contract" / "im"
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="How was it?",
    body="Tell us",
    language="en",
    wallet_name="Spruce Wallet",
    variables={"link": "https://wallet.example/l/abc"},
)


@pytest.fixture
def platform() -> Iterator[HttpProvider]:
    tokens.forget()
    with http_provider(Messenger()) as provider:
        yield provider
    tokens.forget()


def account(
    provider: HttpProvider, now: Clock, platform_name: str = "wechat", **changes: str
) -> ChannelAccount:
    plain = messengers.WECHAT_SETTINGS if platform_name == "wechat" else messengers.WECOM_SETTINGS
    settings = {name: value.replace("{url}", provider.url) for name, value in plain.items()} | changes
    return people._account("im", platform_name, settings, now.at)


def sent(now: Clock) -> Attempt:
    customer_id = people.customer(now.at, openid=OPENID)
    with transaction.atomic():
        attempt_id = services.enqueue(attempt=wanted(customer_id=customer_id, channel="im"), now=now.at)
    sender.send_batch("im")
    return Attempt.objects.get(pk=attempt_id)


def asked_for_tokens(provider: HttpProvider) -> int:
    return sum("token" in posted.path.partition("?")[0] for posted in provider.posted)


def call_back(row: ChannelAccount, xml: bytes, *, sealed_for: str = "", token: str = "spamtest") -> int:
    at, nonce = str(int(time.time())), "1320562132"
    query = {"timestamp": at, "nonce": nonce, "openid": OPENID}
    body = xml
    if sealed_for:
        key = crypto.read_key(AES_KEY)
        assert key
        sealed = crypto.encrypt(key, xml, receiver=sealed_for)
        query["msg_signature"] = crypto.signature(token, at, nonce, sealed)
        body = f"<xml><ToUserName>x</ToUserName><Encrypt><![CDATA[{sealed}]]></Encrypt></xml>".encode()
    else:
        query["signature"] = crypto.signature(token, at, nonce)
    path = f"/hooks/{row.provider}/{row.pk}?{urlencode(query)}"
    return Client().post(path, body, content_type="text/xml").status_code


def test_a_template_message_goes_out_and_its_receipt_settles_it(now: Clock, platform: HttpProvider) -> None:
    row = account(platform, now)
    attempt = sent(now)
    assert (attempt.state, attempt.provider_message_id) == ("accepted", "200228332")
    told = platform.posted[-1].json
    assert told["touser"] == OPENID
    assert told["data"]["thing1"] == {"value": "How was it?"}
    assert len(told["client_msg_id"]) == 32
    xml = (RECORDED / "template_job_finished.xml").read_bytes()
    assert call_back(row, xml, sealed_for=APPID) == 200
    notices.handle(now=now.at)
    attempt.refresh_from_db()
    assert attempt.state == "delivered"


def test_a_reply_of_refusal_holds_everywhere_and_another_one_is_kept(
    now: Clock, platform: HttpProvider
) -> None:
    row = account(platform, now)
    attempt = sent(now)
    xml = (RECORDED / "text.xml").read_text()
    other = xml.replace("退订", "很好").replace("1234567890123456", "1234567890123457")
    assert call_back(row, other.encode(), sealed_for=APPID) == 200
    notices.handle(now=now.at)
    assert queries.reply_text(reply_id=Reply.objects.get().pk) == "很好"
    assert call_back(row, xml.encode(), sealed_for=APPID) == 200
    assert call_back(row, xml.encode(), sealed_for=APPID) == 200  # told again, as they do within five seconds
    notices.handle(now=now.at)
    whose = CustomerId(attempt.customer_id)
    assert "*" in customers.standings(customer_ids=[whose])[whose].suppressed_channels


def test_who_leaves_the_account_is_reached_there_no_more_and_has_refused(
    now: Clock, platform: HttpProvider
) -> None:
    row = account(platform, now)
    attempt = sent(now)
    assert call_back(row, (RECORDED / "unsubscribed.xml").read_bytes(), sealed_for=APPID) == 200
    notices.handle(now=now.at)
    whose = CustomerId(attempt.customer_id)
    standing = customers.standings(customer_ids=[whose])[whose]
    assert "*" in standing.suppressed_channels
    assert "im" not in standing.reachable_channels


@pytest.mark.parametrize(
    "forge",
    [
        lambda row, xml: call_back(row, xml, sealed_for=APPID, token="guessed"),
        lambda row, xml: call_back(row, xml, sealed_for="wx-somebody-else"),
        lambda row, xml: call_back(row, xml),  # in clear, where the account is set to encrypt
    ],
    ids=["token", "receiver", "clear"],
)
def test_what_the_platform_did_not_send_is_refused(
    now: Clock, platform: HttpProvider, forge: Callable[[ChannelAccount, bytes], int]
) -> None:
    row = account(platform, now)
    assert forge(row, (RECORDED / "text.xml").read_bytes()) == 403


def test_an_old_callback_is_refused(
    now: Clock, platform: HttpProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = account(platform, now)
    real = time.time()
    monkeypatch.setattr(time, "time", lambda: real - 3600)
    at = str(int(time.time()))
    monkeypatch.setattr(time, "time", lambda: real)
    query = {"timestamp": at, "nonce": "1", "signature": crypto.signature("spamtest", at, "1")}
    path = f"/hooks/wechat/{row.pk}?{urlencode(query)}"
    assert Client().post(path, b"<xml/>", content_type="text/xml").status_code == 403


def test_an_entity_bomb_is_refused(now: Clock, platform: HttpProvider) -> None:
    row = account(platform, now, aes_key="")
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'
    assert call_back(row, bomb) == 400
    assert call_back(row, b"<xml") == 400


def test_the_platform_tries_the_address_before_it_uses_it(now: Clock, platform: HttpProvider) -> None:
    plain, sealed = account(platform, now), account(platform, now, "wecom")
    at = str(int(time.time()))
    query = {"timestamp": at, "nonce": "n", "signature": crypto.signature("spamtest", at, "n")}
    reply = Client().get(f"/hooks/wechat/{plain.pk}?{urlencode({**query, 'echostr': '4711'})}")
    assert (reply.status_code, reply.content, reply["content-type"]) == (
        200,
        b"4711",
        "text/plain; charset=utf-8",
    )
    key = crypto.read_key(AES_KEY)
    assert key
    echo = crypto.encrypt(key, b"4712", receiver=CORP)
    query = {"timestamp": at, "nonce": "n", "echostr": echo}
    query["msg_signature"] = crypto.signature("QDG6eK", at, "n", echo)
    assert Client().get(f"/hooks/wecom/{sealed.pk}?{urlencode(query)}").content == b"4712"
    query["msg_signature"] = "0" * 40
    assert Client().get(f"/hooks/wecom/{sealed.pk}?{urlencode(query)}").status_code == 403


def test_a_customer_who_leaves_an_employee_has_refused(now: Clock, platform: HttpProvider) -> None:
    row = account(platform, now, "wecom", kind="customer_contact", employee="ZhangSan")
    attempt = sent(now)
    told = platform.posted[-1].json
    assert (told["external_userid"], told["sender"]) == ([OPENID], "ZhangSan")
    xml = (
        f"<xml><FromUserName>sys</FromUserName><CreateTime>1403610513</CreateTime><MsgType>event</MsgType>"
        f"<Event>change_external_contact</Event><ChangeType>del_follow_user</ChangeType>"
        f"<UserID>ZhangSan</UserID><ExternalUserID>{OPENID}</ExternalUserID></xml>"
    )
    assert call_back(row, xml.encode(), sealed_for=CORP, token="QDG6eK") == 200
    notices.handle(now=now.at)
    whose = CustomerId(attempt.customer_id)
    assert "*" in customers.standings(customer_ids=[whose])[whose].suppressed_channels


def test_one_token_serves_until_it_is_refused_and_then_is_renewed_once(
    now: Clock, platform: HttpProvider
) -> None:
    channel = channel_at(platform)
    for _ in range(3):
        channel.send(MESSAGE, OPENID)
    assert asked_for_tokens(platform) == 1
    assert b"token-1" not in bytes(AccessToken.objects.get().sealed_token)
    assert isinstance(platform.answer, Messenger)
    platform.answer.given = 41  # somebody else had a new one made, so that ours is void
    channel.send(MESSAGE, OPENID)
    assert asked_for_tokens(platform) == 2
    tokens.forget()  # another process
    channel.send(MESSAGE, OPENID)
    assert asked_for_tokens(platform) == 2


def channel_at(platform: HttpProvider):  # type: ignore[no-untyped-def]
    settings = {
        name: value.replace("{url}", platform.url) for name, value in messengers.WECHAT_SETTINGS.items()
    }
    return registry.make("im", "wechat", settings)


def test_processes_that_ask_at_once_fetch_one_token(now: Clock, platform: HttpProvider) -> None:
    gives, open_at = platform.answer, threading.Barrier(4)

    def slowly(posted: Posted) -> Answer:
        time.sleep(0.2)
        return gives(posted)

    platform.answer = slowly
    channel, got = channel_at(platform), []

    def ask() -> None:
        open_at.wait(10)
        got.append(tokens._shared("wechat:x", channel.fetch_token, "")[0])
        connection.close()

    asking = [threading.Thread(target=ask) for _ in range(4)]
    for each in asking:
        each.start()
    for each in asking:
        each.join()
    assert got == ["token-1"] * 4
    assert asked_for_tokens(platform) == 1


def test_a_token_that_cannot_be_had_is_no_message_handed_over(now: Clock, platform: HttpProvider) -> None:
    platform.answer = lambda _: Answer(status=0, hang_up=True)
    with pytest.raises(DeliveryError) as refused:
        channel_at(platform).send(MESSAGE, OPENID)
    assert not refused.value.permanent
    platform.answer = lambda _: messengers.says(40125)
    with pytest.raises(DeliveryError) as refused:
        channel_at(platform).send(MESSAGE, OPENID)
    assert (refused.value.permanent, refused.value.effect) == (False, "account")
