"""What is particular to Aliyun: the signature, templates, numbers, error codes, reports and replies."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.contract.delivery.cases import ALIYUN, channel_of
from tests.contract.delivery.providers import Answer, Posted, http_provider

from huifang.delivery.channels.base import Incoming, Message
from huifang.delivery.channels.sms.aliyun import Aliyun, authorize
from huifang.delivery.errors import DeliveryError, NoticeMalformedError

FOLDER = Path(__file__).parent
MESSAGE = Message(
    key="enrolment:7:step:1",
    attempt_id=7,
    subject="",
    body="您好,请评价 & 回T退订 https://wallet.example/s/a b",
    language="zh-Hans",
    wallet_name="云杉钱包",
)
TEMPLATES = "SMS_1 = 别的文本\n\nSMS_154950909 = 您好,请评价 & 回T退订 ${link}"


def aliyun(url: str = "http://127.0.0.1:9", **settings: str) -> Aliyun:
    made = channel_of(ALIYUN, url, templates=TEMPLATES, **settings)
    assert isinstance(made, Aliyun)
    return made


def receive(name: str) -> list[object]:
    body = (FOLDER / name).read_bytes()
    return list(aliyun().receive(Incoming(url="https://wallet.example/hooks", headers={}, body=body)))


def test_the_published_example_has_the_published_signature() -> None:
    """Of Aliyun's page on version 3 signatures, with its made-up keys and fixed nonce."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    headers = {
        "host": "ecs.cn-shanghai.aliyuncs.com",
        "x-acs-action": "RunInstances",
        "x-acs-content-sha256": empty,
        "x-acs-date": "2023-10-26T10:22:32Z",
        "x-acs-signature-nonce": "3156853299f313e23d1673dc12e1703d",
        "x-acs-version": "2014-05-26",
    }
    query = "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai"
    header = authorize("POST", query, headers, key="YourAccessKeyId", secret="YourAccessKeySecret")
    assert header == (
        "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;"
        "x-acs-date;x-acs-signature-nonce;x-acs-version,"
        "Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
    )


def test_the_template_is_named_its_parameters_filled_and_the_key_handed_over() -> None:
    with http_provider(ALIYUN.ok) as provider:
        receipt = aliyun(provider.url, price_per_part="0.045").send(MESSAGE, "+8613800138000")
    posted = provider.posted[0]
    query = {name: values[0] for name, values in parse_qs(urlsplit(posted.path).query).items()}
    assert json.loads(query.pop("TemplateParam")) == {"link": "https://wallet.example/s/a b"}
    assert query == {
        "PhoneNumbers": "13800138000",
        "SignName": "云杉钱包",
        "TemplateCode": "SMS_154950909",
        "OutId": "enrolment:7:step:1",
    }
    assert (receipt.provider_message_id, str(receipt.cost)) == ("900619746936498440^0", "0.045")


def test_what_leaves_is_signed_as_it_stands() -> None:
    """The receiver reckons the signature anew from what it got."""
    with http_provider(ALIYUN.ok) as provider:
        aliyun(provider.url).send(MESSAGE, "+85261234567")
    posted = provider.posted[0]
    given = posted.headers["authorization"]
    names = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    headers = {name: posted.headers[name] for name in names}
    again = authorize("POST", urlsplit(posted.path).query, headers, key="LTAI5example", secret="made-up")
    assert given == again
    assert "host" in names
    assert "PhoneNumbers=85261234567" in posted.path


def test_a_text_that_fits_no_approved_template_is_not_sent() -> None:
    with http_provider(ALIYUN.ok) as provider, pytest.raises(DeliveryError) as refused:
        aliyun(provider.url).send(replace(MESSAGE, body="something of our own"), "+8613800138000")
    assert (refused.value.code, refused.value.permanent) == ("no_template", True)
    assert provider.posted == []


@pytest.mark.parametrize(
    ("code", "permanent", "effect", "wait"),
    [
        ("isv.MOBILE_NUMBER_ILLEGAL", True, "dead", 0),
        ("isv.BUSINESS_LIMIT_CONTROL", False, "", 3600),
        ("isv.AMOUNT_NOT_ENOUGH", False, "account", 0),
        ("isv.SMS_TEMPLATE_ILLEGAL", True, "", 0),
        ("InvalidAccessKeyId.NotFound", False, "account", 0),
        ("SignatureDoesNotMatch", False, "account", 0),
        ("isp.SYSTEM_ERROR", False, "", 0),
        ("something.NEW", True, "", 0),
    ],
)
def test_error_codes_read_as_they_are_documented(code: str, permanent: bool, effect: str, wait: int) -> None:
    with (
        http_provider(lambda _: Answer(status=200, body={"Code": code})) as provider,
        pytest.raises(DeliveryError) as refused,
    ):
        aliyun(provider.url).send(MESSAGE, "+8613800138000")
    error = refused.value
    assert (error.code, error.permanent, error.effect, error.retry_after_seconds) == (
        code,
        permanent,
        effect,
        wait,
    )


def test_reports_tell_of_delivery_by_our_own_key() -> None:
    first, second = receive("report.json")
    assert (first.key, first.state, first.code) == ("enrolment:7:step:1", "delivered", "")  # type: ignore[attr-defined]
    assert (second.state, second.code, second.is_dead, second.is_refused) == (  # type: ignore[attr-defined]
        "failed",
        "MK:0001",
        True,
        False,
    )
    assert first.event_id != second.event_id  # type: ignore[attr-defined]


def test_a_reply_is_heard() -> None:
    (reply,) = receive("reply.json")
    assert (reply.kind, reply.address, reply.text, reply.event_id) == (  # type: ignore[attr-defined]
        "reply",
        "13800138000",
        "TD",
        "up:1234567890",
    )


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"\xff", b'[{"success": "perhaps"}]'])
def test_a_report_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(NoticeMalformedError):
        aliyun().receive(Incoming(url="", headers={}, body=body))


@pytest.mark.parametrize(("status", "state"), [(1, "accepted"), (2, "failed"), (3, "delivered")])
def test_what_became_of_a_message_can_be_asked_by_our_key(status: int, state: str) -> None:
    rows = [
        {"OutId": "another", "SendStatus": 3, "ErrCode": "DELIVERED"},
        {"OutId": MESSAGE.key, "SendStatus": status, "ErrCode": "MK:0001"},
    ]

    def answer(posted: Posted) -> Answer:
        assert "SendDate=20250313" in posted.path  # already tomorrow in China
        return Answer(status=200, body={"Code": "OK", "SmsSendDetailDTOs": {"SmsSendDetailDTO": rows}})

    with http_provider(answer) as provider:
        sent_at = datetime(2025, 3, 12, 18, tzinfo=UTC)
        found = aliyun(provider.url).look_up(MESSAGE, "+8613800138000", sent_at=sent_at)
    assert found is not None
    assert (found.key, found.state) == (MESSAGE.key, state)


def test_a_message_that_aliyun_does_not_know_stays_unknown() -> None:
    with http_provider(ALIYUN.ok) as provider:
        found = aliyun(provider.url).look_up(MESSAGE, "+8613800138000", sent_at=datetime.now(UTC))
    assert found is None
