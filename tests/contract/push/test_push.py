"""What is particular to each push service: tokens, headers, bodies, error words, and asking again."""

import itertools
import json
from dataclasses import replace
from urllib.parse import parse_qs

import jwt
import pytest
from tests.contract.delivery import push
from tests.contract.delivery.cases import APNS, FCM, JPUSH, channel_of
from tests.contract.delivery.http2 import http2_provider
from tests.contract.delivery.providers import Answer, Posted, http_provider

from huifang.delivery.channels.base import Message
from huifang.delivery.channels.push import devices
from huifang.delivery.errors import AccountInvalidError, DeliveryError, OutcomeUnknownError

MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="体验如何?",
    body="云杉钱包:请告诉我们: https://wallet.example/s/abc",
    language="zh-Hans",
    wallet_name="云杉钱包",
)


@pytest.mark.parametrize(
    ("to", "service"),
    [
        (push.FCM_TOKEN, "fcm"),
        (push.APNS_TOKEN, "apns"),
        (push.JPUSH_ID, "jpush"),
        ("jpush:" + "ab" * 40, "jpush"),
        ("apns:short", "apns"),
        ("", "fcm"),
    ],
)
def test_a_token_tells_whose_it_is(to: str, service: str) -> None:
    assert devices.service_of(to) == service


@pytest.mark.parametrize("to", ["apns:../../3/device/x", "apns:a b", "apns:a\r\nhost: x", "apns:%2e%2e"])
def test_a_token_that_would_change_the_request_is_none(to: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        devices.token_of(to, "apns")
    assert (refused.value.code, refused.value.permanent) == ("token_invalid", True)


def test_another_services_token_is_refused_and_not_dead() -> None:
    with http_provider(FCM.ok) as provider, pytest.raises(DeliveryError) as refused:
        channel_of(FCM, provider.url).send(MESSAGE, push.APNS_TOKEN)
    assert (refused.value.code, refused.value.effect) == ("other_push_service", "")
    assert provider.posted == []


def test_a_long_text_is_cut_so_that_the_notification_is_taken() -> None:
    shown = devices.notification_of(replace(MESSAGE, body="很" * 5000 + " https://wallet.example/s/abc"))
    assert len(shown.text.encode()) < 2500
    assert (shown.text[-1], shown.link) == ("…", "https://wallet.example/s/abc")


def test_fcm_is_asked_with_a_token_that_google_gave_for_our_signed_word() -> None:
    with http_provider(FCM.ok) as provider:
        channel = channel_of(FCM, provider.url)
        receipts = [channel.send(MESSAGE, push.FCM_TOKEN) for _ in range(3)]
    asked, *sent = provider.posted
    assert [posted.path for posted in sent] == ["/v1/projects/spruce-wallet/messages:send"] * 3
    assertion = parse_qs(asked.body.decode())["assertion"][0]
    claims = jwt.decode(
        assertion, push.rsa_key().public_key(), algorithms=["RS256"], audience=f"{provider.url}/token"
    )
    assert claims["scope"] == "https://www.googleapis.com/auth/firebase.messaging"
    assert (claims["iss"], claims["exp"] - claims["iat"]) == ("sender@spruce-wallet.iam.example", 3600)
    assert sent[0].headers["authorization"] == "Bearer ya29.one"
    message = sent[0].json["message"]
    assert message["notification"] == {"title": "体验如何?", "body": "云杉钱包:请告诉我们"}
    assert message["data"]["link"] == "https://wallet.example/s/abc"
    assert receipts[0].provider_message_id == "0:1500415314455276%31bd1c96"


def test_an_fcm_token_that_was_taken_back_is_renewed_once() -> None:
    given = itertools.count(1)

    def answer(posted: Posted) -> Answer:
        if posted.path == "/token":
            return Answer(status=200, body={"access_token": f"ya29.{next(given)}", "expires_in": 3599})
        is_new = posted.headers["authorization"] == "Bearer ya29.2"
        return FCM.ok(posted) if is_new else push.fcm_says(401, "UNAUTHENTICATED", "")

    with http_provider(answer) as provider:
        assert channel_of(FCM, provider.url).send(MESSAGE, push.FCM_TOKEN).provider_message_id
    assert len(provider.posted) == 4


@pytest.mark.parametrize(
    ("answer", "permanent", "effect"),
    [
        (push.fcm_says(404, "NOT_FOUND", "UNREGISTERED"), True, "dead"),
        (push.fcm_says(403, "PERMISSION_DENIED", "SENDER_ID_MISMATCH"), True, "dead"),
        (push.fcm_says(400, "INVALID_ARGUMENT", "INVALID_ARGUMENT"), True, "dead"),
        (push.fcm_says(400, "INVALID_ARGUMENT", ""), True, ""),
        (push.fcm_says(403, "PERMISSION_DENIED", ""), False, "account"),
        (push.fcm_says(404, "NOT_FOUND", ""), False, "account"),
        (push.fcm_says(429, "RESOURCE_EXHAUSTED", "QUOTA_EXCEEDED"), False, ""),
    ],
)
def test_errors_of_fcm_read_as_they_are_documented(answer: Answer, permanent: bool, effect: str) -> None:
    def say(posted: Posted) -> Answer:
        return FCM.ok(posted) if posted.path == "/token" else answer

    with http_provider(say) as provider, pytest.raises(DeliveryError) as refused:
        channel_of(FCM, provider.url).send(MESSAGE, push.FCM_TOKEN)
    assert (refused.value.permanent, refused.value.effect) == (permanent, effect)


@pytest.mark.parametrize(("status", "effect"), [(400, "account"), (502, ""), (500, "")])
def test_where_google_gives_no_token_nothing_was_sent(status: int, effect: str) -> None:
    with http_provider(lambda _: Answer(status=status)) as provider, pytest.raises(DeliveryError) as refused:
        channel_of(FCM, provider.url).send(MESSAGE, push.FCM_TOKEN)
    assert (refused.value.permanent, refused.value.effect) == (False, effect)


@pytest.mark.parametrize(
    "account", ["", "{}", "[]", '{"project_id": 1}', push.service_account().replace("MII", "")]
)
def test_a_service_account_that_cannot_sign_is_refused(account: str) -> None:
    with pytest.raises(AccountInvalidError):
        channel_of(FCM, "http://127.0.0.1:9", service_account=account)


def test_apns_is_spoken_to_over_http_2_with_a_signed_token_and_the_same_ids_each_time() -> None:
    with http2_provider(APNS.ok) as provider:
        channel = channel_of(APNS, provider.url)
        receipts = [channel.send(MESSAGE, f"apns:{push.APNS_TOKEN}") for _ in range(2)]
    first, second = provider.posted
    headers = first.headers
    assert first.path == f"/3/device/{push.APNS_TOKEN}"
    token = headers["authorization"].removeprefix("bearer ")
    assert jwt.decode(token, push.ec_key().public_key(), algorithms=["ES256"])["iss"] == "DEF123GHIJ"
    assert jwt.get_unverified_header(token)["kid"] == "ABC123DEFG"
    assert (headers["apns-topic"], headers["apns-push-type"]) == ("example.spruce.wallet", "alert")
    assert len(headers["apns-collapse-id"]) <= 64
    for name in ("apns-id", "apns-collapse-id", "authorization"):
        assert headers[name] == second.headers[name]
    assert receipts[0].provider_message_id == headers["apns-id"]
    assert json.loads(first.body)["aps"]["alert"] == {"title": "体验如何?", "body": "云杉钱包:请告诉我们"}


def test_an_apns_token_that_is_too_old_is_made_anew_once() -> None:
    answers = iter([Answer(status=403, body={"reason": "ExpiredProviderToken"})])
    with http2_provider(lambda posted: next(answers, None) or APNS.ok(posted)) as provider:
        assert channel_of(APNS, provider.url).send(MESSAGE, push.APNS_TOKEN).provider_message_id
    first, second = provider.posted
    assert first.headers["apns-id"] == second.headers["apns-id"]


@pytest.mark.parametrize(
    ("status", "reason", "permanent", "effect"),
    [
        (400, "BadDeviceToken", True, "dead"),
        (400, "DeviceTokenNotForTopic", True, "dead"),
        (410, "ExpiredToken", True, "dead"),
        (400, "TopicDisallowed", False, "account"),
        (403, "InvalidProviderToken", False, "account"),
        (413, "PayloadTooLarge", True, ""),
        (429, "TooManyRequests", False, ""),
    ],
)
def test_reasons_of_apns_read_as_they_are_documented(
    status: int, reason: str, permanent: bool, effect: str
) -> None:
    answer = Answer(status=status, body={"reason": reason})
    with http2_provider(lambda _: answer) as provider, pytest.raises(DeliveryError) as refused:
        channel_of(APNS, provider.url).send(MESSAGE, push.APNS_TOKEN)
    assert (refused.value.permanent, refused.value.effect) == (permanent, effect)


@pytest.mark.parametrize("key", ["no key", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----"])
def test_a_key_that_cannot_sign_is_refused(key: str) -> None:
    with pytest.raises(AccountInvalidError):
        channel_of(APNS, "http://127.0.0.1:9", key=key)


def test_a_push_of_jpush_bears_a_cid_that_jpush_gave_out() -> None:
    with http_provider(JPUSH.ok) as provider:
        channel = channel_of(JPUSH, provider.url)
        receipts = [channel.send(MESSAGE, push.JPUSH_ID) for _ in range(2)]
    asked, first, second = provider.posted
    assert asked.path == "/v3/push/cid?count=50&type=push"
    assert first.headers["authorization"] == "Basic ODEwM2E0YzYyOGEwYjk4OTc0ZWMxOTQ5Om1hZGUtdXA="
    assert first.json["cid"] != second.json["cid"]
    assert first.json["audience"] == {"registration_id": [push.JPUSH_ID]}
    assert first.json["notification"]["android"]["extras"] == {"link": "https://wallet.example/s/abc"}
    assert receipts[0].provider_message_id == "18100287008546643"


def test_a_lost_answer_of_jpush_is_asked_for_again_with_the_same_cid() -> None:
    lost = iter([Answer(status=0, hang_up=True)])

    def answer(posted: Posted) -> Answer:
        return JPUSH.ok(posted) if "cid?" in posted.path else next(lost, None) or JPUSH.ok(posted)

    with http_provider(answer) as provider:
        receipt = channel_of(JPUSH, provider.url).send(MESSAGE, push.JPUSH_ID)
    _, first, second = provider.posted
    assert first.json["cid"] == second.json["cid"]
    assert receipt.provider_message_id == "18100287008546643"


def test_a_push_that_may_have_gone_is_not_called_refused_by_a_later_throttle() -> None:
    answers = iter([Answer(status=0, hang_up=True), push.jpush_says(429, 2002)])

    def answer(posted: Posted) -> Answer:
        return JPUSH.ok(posted) if "cid?" in posted.path else next(answers)

    with http_provider(answer) as provider, pytest.raises(OutcomeUnknownError):
        channel_of(JPUSH, provider.url).send(MESSAGE, push.JPUSH_ID)


@pytest.mark.parametrize(
    ("status", "code", "permanent", "effect"),
    [
        (400, 1011, True, "dead"),
        (400, 1003, True, ""),
        (400, 1008, False, "account"),
        (403, 2003, False, "account"),
        (400, 1009, False, ""),
    ],
)
def test_codes_of_jpush_read_as_they_are_documented(
    status: int, code: int, permanent: bool, effect: str
) -> None:
    def answer(posted: Posted) -> Answer:
        return JPUSH.ok(posted) if "cid?" in posted.path else push.jpush_says(status, code)

    with http_provider(answer) as provider, pytest.raises(DeliveryError) as refused:
        channel_of(JPUSH, provider.url).send(MESSAGE, push.JPUSH_ID)
    assert (refused.value.permanent, refused.value.effect) == (permanent, effect)
