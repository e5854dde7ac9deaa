"""What is particular to Tencent Cloud: the signature, parameters by number, error codes, both callbacks."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from tests.contract.delivery.cases import PHONE, TENCENT, TEXT, channel_of
from tests.contract.delivery.providers import Answer, http_provider, tencent_says

from huifang.delivery.channels.base import Incoming, Message, Notice
from huifang.delivery.channels.sms.tencent import Tencent, authorize
from huifang.delivery.errors import DeliveryError, NoticeMalformedError, OutcomeUnknownError

FOLDER = Path(__file__).parent
MESSAGE = Message(
    key="enrolment:7:step:1", attempt_id=7, subject="", body=TEXT, language="en", wallet_name="Spruce Wallet"
)


def tencent(url: str = "http://127.0.0.1:9", **settings: str) -> Tencent:
    made = channel_of(TENCENT, url, **settings)
    assert isinstance(made, Tencent)
    return made


def receive(name: str) -> list[Notice]:
    body = (FOLDER / name).read_bytes()
    return tencent().receive(Incoming(url="https://wallet.example/hooks", headers={}, body=body))


def test_the_published_example_has_the_published_signature() -> None:
    """Of Tencent's page on version 3 signatures, with its made-up keys and fixed time."""
    body = b'{"Limit": 1, "Filters": [{"Values": ["\\u672a\\u547d\\u540d"], "Name": "instance-name"}]}'
    header = authorize(
        "cvm",
        {"content-type": "application/json; charset=utf-8", "host": "cvm.tencentcloudapi.com"},
        body,
        now=datetime.fromtimestamp(1551113065, UTC),
        secret=("AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE", "Gu5t9xGARNpq86cd98joQYCN3EXAMPLE"),
    )
    assert header == (
        "TC3-HMAC-SHA256 Credential=AKIDz8krbsJ5yKBZQpn74WFkmLPx3EXAMPLE/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host, "
        "Signature=72e494ea809ad7a8c8f7a4507b9bddcbaa8e581f516e8da2f66e2c5a96525168"
    )


def test_parameters_stand_in_the_order_of_their_numbers() -> None:
    body = " ".join(f"p{number}" for number in range(1, 12))
    table = "99 = " + " ".join(f"p{{{number}}}" for number in range(11, 0, -1))
    message = Message(
        key="k", attempt_id=1, subject="", body=body, language="en", wallet_name="Spruce Wallet"
    )
    with http_provider(TENCENT.ok) as provider:
        tencent(provider.url, templates=table).send(message, PHONE)
    sent = provider.posted[0].json
    assert sent["TemplateParamSet"] == [str(number) for number in range(11, 0, -1)]
    assert (sent["TemplateId"], sent["PhoneNumberSet"], sent["SessionContext"]) == ("99", [PHONE], "k")


def test_what_leaves_is_signed_as_it_stands() -> None:
    with http_provider(TENCENT.ok) as provider:
        tencent(provider.url).send(MESSAGE, PHONE)
    posted = provider.posted[0]
    headers = {
        "content-type": posted.headers["content-type"],
        "host": posted.headers["host"],
        "x-tc-action": posted.headers["x-tc-action"].lower(),
    }
    at = datetime.fromtimestamp(int(posted.headers["x-tc-timestamp"]), UTC)
    again = authorize("sms", headers, posted.body, now=at, secret=("AKIDexample", "made-up"))
    assert posted.headers["authorization"] == again
    assert posted.headers["x-tc-version"] == "2021-01-11"


@pytest.mark.parametrize(
    ("code", "permanent", "effect", "wait"),
    [
        ("FailedOperation.PhoneNumberInBlacklist", True, "refused", 0),
        ("FailedOperation.InsufficientBalanceInSmsPackage", False, "account", 0),
        ("FailedOperation.TemplateIncorrectOrUnapproved", True, "", 0),
        ("LimitExceeded.PhoneNumberThirtySecondLimit", False, "", 30),
        ("LimitExceeded.AppDailyLimit", False, "account", 0),
        ("InternalError.UnknownError", False, "", 0),
    ],
)
def test_error_codes_read_as_they_are_documented(code: str, permanent: bool, effect: str, wait: int) -> None:
    with http_provider(lambda _: tencent_says(code)) as provider, pytest.raises(DeliveryError) as refused:
        tencent(provider.url).send(MESSAGE, PHONE)
    error = refused.value
    assert (error.permanent, error.effect, error.retry_after_seconds) == (permanent, effect, wait)


@pytest.mark.parametrize("code", ["InternalError.Timeout", "InternalError.SendAndRecvFail"])
def test_a_time_out_behind_their_door_leaves_the_outcome_unknown(code: str) -> None:
    body = {"Response": {"Error": {"Code": code, "Message": "…"}, "RequestId": "r"}}
    with (
        http_provider(lambda _: Answer(status=200, body=body)) as provider,
        pytest.raises(OutcomeUnknownError),
    ):
        tencent(provider.url).send(MESSAGE, PHONE)


def test_refused_keys_are_the_accounts_fault() -> None:
    body = {"Response": {"Error": {"Code": "AuthFailure.SignatureFailure", "Message": "…"}}}
    with (
        http_provider(lambda _: Answer(status=200, body=body)) as provider,
        pytest.raises(DeliveryError) as refused,
    ):
        tencent(provider.url).send(MESSAGE, PHONE)
    assert (refused.value.permanent, refused.value.effect) == (False, "account")


def test_reports_tell_of_delivery() -> None:
    first, second = receive("report.json")
    assert (first.provider_message_id, first.state) == ("5000:1045710669157053657849499619", "delivered")
    assert (second.state, second.code, second.is_refused) == ("failed", "MBBLACK", True)


def test_a_reply_is_heard_and_the_same_when_told_again() -> None:
    (reply,) = receive("reply.json")
    (again,) = receive("reply.json")
    assert (reply.address, reply.text) == ("+8613800138000", "退订")
    assert reply.event_id == again.event_id
    assert "138" not in reply.event_id


@pytest.mark.parametrize("body", [b"", b"null", b"[{}]", b'{"mobile": 1}', b"\xff"])
def test_a_callback_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(NoticeMalformedError):
        tencent().receive(Incoming(url="", headers={}, body=body))
