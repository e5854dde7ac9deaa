"""The gateway as a process: what it answers, and that what it acknowledges is there."""

import contextlib
import gzip
import json
import random
import socket
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from django.db import connection
from tests.integration.events import gateways

from huifang.events import queries, services
from huifang.events.records import RejectedFilter

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.now(UTC)


def track(number: int, **more: object) -> dict[str, object]:
    message = {
        "type": "track",
        "messageId": f"message-{number}",
        "userId": f"customer-{number % 7}",
        "event": "Payment Completed",
        "timestamp": NOW.isoformat(),
        "properties": {"amount": 12.5, "currency": "CNY"},
    }
    return message | more


def stored() -> list[str]:
    with connection.cursor() as db:
        db.execute("SELECT message_id FROM events_event ORDER BY message_id")
        return [row[0] for row in db.fetchall()]


@pytest.fixture
def key() -> str:
    return services.create_write_key(name="app", now=NOW)


@pytest.fixture(scope="module")
def gateway(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), gateways.running() as running:
        yield running


@pytest.fixture
def client(gateway, key):
    with gateway.client(key) as client:
        yield client


def test_an_acknowledged_batch_is_there_and_a_bad_message_harms_no_other(client):
    batch = [track(1), {"type": "track", "event": "Payment Completed"}, track(2)]
    reply = client.post("/v1/batch", json={"batch": batch, "sentAt": NOW.isoformat()})
    assert reply.status_code == 200
    body = reply.json()
    assert (body["success"], body["accepted"]) == (True, 2)
    assert [(fault["index"], fault["code"]) for fault in body["rejected"]] == [(1, "missing_user")]
    assert stored() == ["message-1", "message-2"]
    page = queries.rejected(wanted=RejectedFilter(), limit=10)
    assert [(row.code, row.name, row.source_name) for row in page.rows] == [
        ("missing_user", "Payment Completed", "app")
    ]


@pytest.mark.parametrize(
    ("path", "message", "name"),
    [
        ("track", {"event": "Card Bound"}, "Card Bound"),
        ("identify", {"traits": {"plan": "gold"}}, ""),
        ("page", {"name": "Home"}, "Home"),
        ("screen", {"name": "Welcome"}, "Welcome"),
        ("group", {"groupId": "g-1"}, ""),
        ("alias", {"previousId": "a-1"}, ""),
    ],
)
def test_each_path_takes_one_message_of_its_kind(client, path, message, name):
    reply = client.post(f"/v1/{path}", json={"userId": "c-1", **message})
    assert (reply.status_code, reply.json()) == (200, {"success": True, "accepted": 1, "rejected": []})
    (event,) = queries.events_of(external_id="c-1", limit=5)
    assert (event.kind, event.name) == (path, name)


def test_a_message_sent_again_and_again_in_any_order_is_stored_once(client):
    messages = [track(number) for number in range(40)]
    chance = random.Random(7)
    for _ in range(6):
        batch = chance.sample(messages, 30)
        later = (NOW + timedelta(hours=chance.randrange(12))).isoformat()
        assert client.post("/v1/batch", json={"batch": batch, "sentAt": later}).json()["accepted"] == 30
    client.post("/v1/batch", json={"batch": messages + messages})
    assert stored() == sorted(f"message-{number}" for number in range(40))
    services.fold_tallies()
    assert queries.event_names()[0].count == 40


def test_a_rejected_message_sent_again_is_one_row(client):
    for _ in range(3):
        client.post("/v1/batch", json={"batch": [{"type": "track", "event": "A"}] * 2})
    (row,) = queries.rejected(wanted=RejectedFilter(), limit=10).rows
    assert row.times == 6


@pytest.mark.parametrize("key", ["", "hf_write_unknown", "客户"])
def test_without_a_write_key_nothing_is_taken(gateway, key):
    with gateway.client(key) as client:
        reply = client.post("/v1/track", json=track(1))
    assert (reply.status_code, reply.json()["code"]) == (401, "unknown_write_key")
    assert stored() == []


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Bearer abc", "", "Basic //79"])
def test_a_strange_authorization_is_401(gateway, header):
    reply = httpx.post(f"{gateway.url}/v1/track", json=track(1), headers={"authorization": header})
    assert reply.status_code == 401


def test_a_write_key_in_the_body_is_recognised_where_a_browser_puts_it(gateway, key):
    reply = httpx.post(
        f"{gateway.url}/v1/t",
        content=json.dumps({"writeKey": key, **track(1)}),
        headers={"content-type": "text/plain", "origin": "https://wallet.example"},
    )
    assert reply.json()["accepted"] == 1
    assert reply.headers["access-control-allow-origin"] == "*"
    asked = httpx.options(f"{gateway.url}/v1/batch", headers={"origin": "https://wallet.example"})
    assert (asked.status_code, "authorization" in asked.headers["access-control-allow-headers"]) == (
        204,
        True,
    )


def test_a_revoked_key_stops_working_within_seconds(client, key):
    assert client.post("/v1/track", json=track(1)).status_code == 200
    services.revoke_write_key(name="app", now=NOW)
    until = time.monotonic() + 8
    while client.post("/v1/track", json=track(1)).status_code == 200:
        assert time.monotonic() < until
        time.sleep(0.2)
    assert client.post("/v1/track", json=track(1)).status_code == 401


@pytest.mark.parametrize("body", [b"{", b"[]", b"null", b"", b'{"batch": 3}', b"\xff", b"[" * 100_000])
def test_a_malformed_body_is_400_and_kept_for_its_sender_to_see(client, body):
    reply = client.post("/v1/batch", content=body)
    assert (reply.status_code, reply.json()["code"]) == (400, "malformed")
    assert [row.code for row in queries.rejected(wanted=RejectedFilter(), limit=5).rows] == ["malformed"]


@pytest.mark.parametrize(
    ("encoding", "pack"),
    [("gzip", gzip.compress), ("GZIP", gzip.compress), ("deflate", zlib.compress), ("identity", bytes)],
)
def test_compressed_bodies_are_read(client, encoding, pack):
    body = pack(json.dumps({"batch": [track(1)]}).encode())
    reply = client.post("/v1/batch", content=body, headers={"content-encoding": encoding})
    assert reply.json()["accepted"] == 1


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", b"not gzip"),
        ("gzip", gzip.compress(b"x" * 1000, mtime=0)[:-20]),
        ("br", b"x"),
        ("gzip", b"\x1f\x8b"),
    ],
)
def test_a_body_that_cannot_be_unpacked_is_400(client, encoding, body):
    reply = client.post("/v1/batch", content=body, headers={"content-encoding": encoding})
    assert (reply.status_code, reply.json()["code"]) == (400, "bad_encoding")


def test_a_gzip_bomb_costs_neither_memory_nor_time(client):
    bomb = gzip.compress(b" " * 300_000_000, compresslevel=9)
    assert len(bomb) < 400_000
    began = time.monotonic()
    reply = client.post("/v1/batch", content=bomb, headers={"content-encoding": "gzip"})
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")
    assert time.monotonic() - began < 3


def test_bodies_and_batches_have_a_limit(client):
    assert client.post("/v1/batch", content=b" " * (5 * 1024 * 1024)).status_code == 413
    many = {"batch": [{}] * 10_001}
    assert client.post("/v1/batch", json=many).json()["code"] == "too_many_messages"
    large = track(1, properties={"text": "x" * 33_000})
    assert client.post("/v1/track", json=large).json()["rejected"][0]["code"] == "too_large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/healthz", 200),
        ("GET", "/readyz", 200),
        ("GET", "/metrics", 200),
        ("GET", "/v1/batch", 404),
        ("PUT", "/v1/batch", 405),
        ("POST", "/v1/unknown", 404),
        ("POST", "/", 404),
    ],
)
def test_other_paths(gateway, method, path, status):
    assert httpx.request(method, f"{gateway.url}{path}").status_code == status


def test_metrics_count_by_code_and_never_name_a_customer(client, gateway):
    client.post("/v1/batch", json={"batch": [track(1), {"type": "odd", "userId": "secret-customer"}]})
    text = httpx.get(f"{gateway.url}/metrics").text
    assert 'huifang_gateway_rejected_total{code="bad_type"}' in text
    assert "secret-customer" not in text


def test_metrics_are_not_for_everybody_behind_a_proxy(gateway):
    forwarded = {"x-forwarded-for": "203.0.113.7"}
    assert httpx.get(f"{gateway.url}/metrics", headers=forwarded).status_code == 404


def test_a_row_that_the_database_refuses_costs_only_itself(client):
    with connection.cursor() as db:
        db.execute("ALTER TABLE events_event ADD CONSTRAINT no_poison CHECK (name <> 'Poison')")
    try:
        batch = [track(1), track(2, event="Poison"), track(3)]
        with ThreadPoolExecutor(4) as threads:
            others = [
                threads.submit(client.post, "/v1/batch", json={"batch": [track(number)]})
                for number in (4, 5, 6)
            ]
            reply = client.post("/v1/batch", json={"batch": batch}).json()
        assert (reply["accepted"], [fault["code"] for fault in reply["rejected"]]) == (2, ["not_storable"])
        assert [each.result().json()["accepted"] for each in others] == [1, 1, 1]
    finally:
        with connection.cursor() as db:
            db.execute("ALTER TABLE events_event DROP CONSTRAINT no_poison")
    assert stored() == [f"message-{number}" for number in (1, 3, 4, 5, 6)]
    (row,) = queries.rejected(wanted=RejectedFilter(), limit=5).rows
    assert services.replay(rejected_id=row.id, by="test", now=datetime.now(UTC)).accepted == 1
    assert "message-2" in stored()


def test_concurrent_requests_share_commits(client):
    """64 requests at once need far fewer transactions; each row tells which one wrote it."""
    with ThreadPoolExecutor(32) as threads:
        sent = [threads.submit(client.post, "/v1/track", json=track(number)) for number in range(192)]
        assert {each.result().status_code for each in sent} == {200}
    with connection.cursor() as db:
        db.execute("SELECT count(*), count(DISTINCT txid) FROM events_event")
        rows, transactions = db.fetchone()
    assert rows == 192
    assert transactions < 96


def test_ten_thousand_hostile_messages_never_make_a_server_error(client):
    chance = random.Random(11)
    codes = set()
    for _ in range(40):
        batch = [_hostile(chance) for _ in range(250)]
        reply = client.post("/v1/batch", content=json.dumps({"batch": batch, "sentAt": _odd(chance, 1)}))
        assert reply.status_code == 200, reply.text
        body = reply.json()
        assert body["accepted"] + len(body["rejected"]) == 250
        codes |= {fault["code"] for fault in body["rejected"]}
    assert len(codes) >= 9
    assert len(stored()) > 100


_ODD_TEXTS = [
    "",
    "\0",
    "x\0y",
    "\ud83d",
    "'; DROP TABLE events_event; --",
    "\\",
    '"',
    "{}",
    "𝒳" * 400,
    "\u202e",
]
_ODD_NUMBERS = [0, -1, 2**63, 10**40, 1e308, float("nan"), float("inf"), -0.0, 5e-324]
_TIMES = ["2026-02-30", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+14:00", NOW.isoformat(), "infinity"]
_FIELDS = [
    "type",
    "messageId",
    "userId",
    "anonymousId",
    "event",
    "name",
    "timestamp",
    "sentAt",
    "properties",
    "traits",
    "context",
    "previousId",
    "groupId",
    "originalTimestamp",
]


def _odd(chance: random.Random, depth: int) -> object:
    pick = chance.randrange(8 if depth else 5)
    if pick == 0:
        return chance.choice(_ODD_TEXTS)
    if pick == 1:
        return chance.choice(_ODD_NUMBERS)
    if pick == 2:
        return chance.choice([None, True, False])
    if pick == 3:
        return chance.choice(_TIMES)
    if pick == 4:
        return f"ok-{chance.randrange(10**6)}"
    if pick == 5:
        return [_odd(chance, depth - 1) for _ in range(chance.randrange(4))]
    keys = chance.sample([*_ODD_TEXTS, "email", "phone", "ip", "a"], chance.randrange(4))
    return {key: _odd(chance, depth - 1) for key in keys}


def _hostile(chance: random.Random) -> object:
    if chance.random() < 0.05:
        return _odd(chance, 3)
    message: dict[str, object] = track(chance.randrange(10**9))
    message["type"] = chance.choice(["track", "identify", "page", "screen", "group", "alias"])
    for field in chance.sample(_FIELDS, chance.randrange(4)):
        message[field] = _odd(chance, 4)
    return message


def test_a_body_in_chunks_has_the_same_limit(client, gateway):
    reply = client.post("/v1/batch", content=(b" " * 65_536 for _ in range(80)))
    assert (reply.status_code, reply.json()["code"]) == (413, "body_too_large")
    endless = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    with socket.create_connection(("127.0.0.1", gateway.port), timeout=20) as wire:
        wire.sendall(b"POST /v1/batch HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
        sent = 0
        with contextlib.suppress(ConnectionError):
            while sent < 40 * 1024 * 1024:
                wire.sendall(endless)
                sent += 0x10000
        with contextlib.suppress(ConnectionError):
            assert wire.recv(100).startswith(b"HTTP/1.1 413")
    assert sent < 40 * 1024 * 1024
