"""The stock SDK of Sensors Analytics works unchanged against a real gateway, and so do pages of the web."""

import base64
import gzip
import json
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlencode

import httpx
import pytest
import sensorsanalytics
from tests.integration.events import gateways
from tests.integration.events.test_gateway import stored

from huifang.events import queries, services
from huifang.events.message import MESSAGE_BYTES_MAX
from huifang.events.records import RejectedFilter
from huifang.events.sensorsform import PIXEL, checksum

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def gateway(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), gateways.running() as running:
        yield running


@pytest.fixture
def key() -> str:
    return services.create_write_key(name="神策", now=NOW)


@pytest.fixture
def url(gateway, key) -> str:
    return f"{gateway.url}/sa?project=production&token={key}"


def packed(messages: object) -> str:
    return base64.b64encode(gzip.compress(json.dumps(messages).encode())).decode()


def message(**more: object) -> dict[str, object]:
    whole = {"type": "track", "event": "pay", "time": int(time.time() * 1000), "distinct_id": "W-1"}
    return whole | {"properties": {"amount": 3, "$is_login_id": True}, "_track_id": 1} | more


def of(customer: str) -> list[queries.StoredEvent]:
    return list(reversed(queries.events_of(external_id=customer, limit=500)))


@pytest.mark.parametrize("consumer", ["DefaultConsumer", "BatchConsumer", "AsyncBatchConsumer"])
def test_every_consumer_of_the_stock_sdk_is_understood(url, consumer):
    sdk = sensorsanalytics.SensorsAnalytics(getattr(sensorsanalytics, consumer)(url))
    for number in range(5):
        sdk.track("W-7", "PaymentCompleted", {"amount": number, "$app_version": "3.2.1"}, is_login_id=True)
    sdk.track_signup("W-7", "device-7", {"channel": "app"})
    sdk.profile_set("W-7", {"$name": "林小满", "phone": "13800000421", "level": "gold"}, is_login_id=True)
    sdk.profile_set_once("W-7", {"first_channel": "store"}, is_login_id=True)
    sdk.profile_increment("W-7", {"visits": 2}, is_login_id=True)
    sdk.profile_append("W-7", {"tags": ["vip"]}, is_login_id=True)
    sdk.profile_unset("W-7", ["level"], is_login_id=True)
    sdk.profile_delete("W-7", is_login_id=True)
    sdk.item_set("coupon", "C-1", {"worth": 5})
    sdk.track("device-7", "AppStart", {"$ip": "10.0.0.1"})
    sdk.close()
    events = of("W-7")
    tracks = [event for event in events if event.kind == "track"]
    assert [(event.name, event.properties["amount"]) for event in tracks] == [
        ("PaymentCompleted", number) for number in range(5)
    ]
    assert tracks[0].properties["app_version"] == "3.2.1"
    assert tracks[0].context["app"] == {"version": "3.2.1"}
    assert tracks[0].context["library"]["name"] == "python"
    assert abs(tracks[0].occurred_at - datetime.now(UTC)) < timedelta(minutes=1)
    (alias,) = [event for event in events if event.kind == "alias"]
    assert alias.properties == {"channel": "app", "previousId": "device-7"}
    changes = {event.name: event for event in events if event.kind == "identify" and event.name}
    assert {name: event.properties for name, event in changes.items()} == {
        "set_once": {"first_channel": "store"},
        "increment": {"visits": 2},
        "append": {"tags": ["vip"]},
        "delete": {},
    }
    first, unset = [event for event in events if event.kind == "identify" and not event.name]
    assert first.properties == {"level": "gold"}
    assert queries.unseal_traits(first) == {"name": "林小满", "phone": "13800000421"}
    assert unset.properties == {"level": None}
    (anonymous,) = queries.events_of(external_id="", anonymous_ids=["device-7"], limit=5)
    assert (anonymous.name, anonymous.properties) == ("AppStart", {})


def test_ids_of_the_third_generation_and_a_phone_number_among_them(url):
    sdk = sensorsanalytics.SensorsAnalytics(sensorsanalytics.DefaultConsumer(url))
    login = sensorsanalytics.SensorsAnalyticsIdentity("$identity_login_id", "W-8")
    phone = sensorsanalytics.SensorsAnalyticsIdentity("$identity_mobile", "13800000422")
    sdk.track_by_id("ViewCoupon", {"coupon": "C-1"}, phone)
    sdk.bind(login, phone)
    sdk.track_by_id("UseCoupon", {"coupon": "C-1"}, login)
    bind, use = of("W-8")
    assert (bind.kind, queries.unseal_traits(bind)) == ("identify", {"phone": "13800000422"})
    assert (use.name, use.properties) == ("UseCoupon", {"coupon": "C-1"})
    assert bind.anonymous_id.startswith("phone:")
    (view,) = queries.events_of(external_id="", anonymous_ids=[bind.anonymous_id], limit=5)
    assert view.name == "ViewCoupon"
    assert queries.unseal_traits(view) == {"phone": "13800000422"}
    assert "13800000422" not in f"{view.anonymous_id}{view.message_id}{view.properties}"


def test_what_is_sent_again_is_stored_once(url):
    form = {"data_list": packed([message(), message(_track_id=2)]), "gzip": "1"}
    now = int(time.time() * 1000)
    for flush in (now, now + 5):
        again = {"data_list": packed([message(time=now, _track_id=3, _flush_time=flush)]), "gzip": "1"}
        assert httpx.post(url, data=again).json()["accepted"] == 1
    replies = [httpx.post(url, data=form).json() for _ in range(2)]
    assert {reply["accepted"] for reply in replies} == {2}
    assert len(stored()) == 3


def test_a_page_of_the_web_is_answered_with_a_picture(gateway, key):
    data = base64.b64encode(json.dumps(message(event="$pageview")).encode()).decode()
    query = urlencode({"data": data, "ext": f"crc={checksum(data)}", "token": key})
    reply = httpx.get(f"{gateway.url}/sa.gif?{query}", headers={"origin": "https://wallet.example"})
    assert (reply.status_code, reply.content) == (200, PIXEL)
    assert reply.headers["access-control-allow-origin"] == "*"
    posted = f"data_list={quote(base64.b64encode(json.dumps([message(_track_id=2)]).encode()).decode())}"
    beacon = httpx.post(
        f"{gateway.url}/sa?token={key}", content=posted, headers={"content-type": "text/plain;charset=UTF-8"}
    )
    assert beacon.json()["accepted"] == 1
    assert len(stored()) == 2


def test_a_program_that_sends_login_ids_only_says_so_in_the_address(url):
    plain = message(properties={"amount": 1})
    httpx.post(f"{url}&distinct_id=login", data={"data": packed(plain), "gzip": "1"})
    assert [event.name for event in of("W-1")] == ["pay"]


def test_a_bad_message_costs_no_other_and_can_be_replayed(url):
    batch = [message(), message(type="dance"), message(distinct_id=None), message(time="soon"), {"a": 1}]
    reply = httpx.post(url, data={"data_list": packed(batch), "gzip": "1"}).json()
    assert reply["accepted"] == 1
    codes = [(each["index"], each["code"]) for each in reply["rejected"]]
    assert codes == [(1, "bad_type"), (2, "missing_user"), (3, "bad_timestamp"), (4, "bad_type")]
    page = queries.rejected(wanted=RejectedFilter(code="bad_timestamp"), limit=5)
    assert [(row.kind, row.name, row.external_id) for row in page.rows] == [("track", "pay", "W-1")]
    mended = json.dumps(message(time=int(time.time() * 1000), _track_id=9))
    outcome = services.replay(rejected_id=page.rows[0].id, payload=mended, by="test", now=NOW)
    assert (outcome.accepted, len(of("W-1"))) == (1, 2)


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"data": base64.b64encode(gzip.compress(b" " * 30_000_000)).decode(), "gzip": "1"}, 413, "bytes"),
        ({"data": "H4sI" + "A" * 40, "gzip": "1"}, 400, "cannot be unpacked"),
        ({"data": packed("[" * 50_000), "gzip": "1"}, 400, "cannot be read"),
        ({"data": base64.b64encode(b"[" * 100_000).decode()}, 400, "cannot be read"),
        ({"data": base64.b64encode(b"[NaN, 2]").decode()}, 400, "list of objects"),
        ({"data": packed({}), "gzip": "1", "crc": "12"}, 400, "checksum"),
        ({"data": "x", "gzip": "9"}, 400, "encrypted"),
        ({"data": "a"}, 400, "base64"),
        ({}, 400, "neither data nor data_list"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused_with_what_is_wrong(url, form, status, said):
    reply = httpx.post(url, data=form, timeout=20)
    assert (reply.status_code, said in reply.json()["message"]) == (status, True), reply.text


def test_a_wrong_charset_is_rejected_with_the_reason_and_costs_no_other(url):
    gbk = json.dumps(message(properties={"merchant": "便利店"}), ensure_ascii=False).encode("gbk")
    both = b"[" + gbk + b"," + json.dumps(message(_track_id=2)).encode() + b",3]"
    reply = httpx.post(url, data={"data_list": base64.b64encode(both).decode()}).json()
    assert reply["accepted"] == 1
    assert [(each["index"], each["code"]) for each in reply["rejected"]] == [
        (0, "malformed"),
        (2, "malformed"),
    ]
    assert "utf-8" in reply["rejected"][0]["message"]


def test_limits_and_keys_are_those_of_segments_path(gateway, url):
    large = message(properties={"note": "x" * MESSAGE_BYTES_MAX, "$is_login_id": True})
    reply = httpx.post(url, data={"data": packed(large), "gzip": "1"}).json()
    assert [each["code"] for each in reply["rejected"]] == ["too_large"]
    for wrong in ("", "?token=hf_write_wrong"):
        assert httpx.post(f"{gateway.url}/sa{wrong}", data={"data": packed(message())}).status_code == 401
    own = message(token=url.rpartition("=")[2], _track_id=77)
    assert httpx.post(f"{gateway.url}/sa", data={"data": packed(own), "gzip": "1"}).json()["accepted"] == 1
    assert httpx.put(url).status_code == 405
