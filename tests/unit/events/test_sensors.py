"""Messages of Sensors Analytics become messages of Segment."""

import base64
import json
from typing import Any

import pytest

from huifang.events import sensors, sensorsform
from huifang.events.rejections import Code, RejectedMessageError


def translated(**more: Any) -> dict[str, Any]:
    whole = {"type": "track", "event": "pay", "time": 1_790_000_000_123, "distinct_id": "W-1"} | more
    found: dict[str, Any] = json.loads(sensors.translate(json.dumps(whole).encode()).raw)
    return found


def ids(**more: Any) -> tuple[object, object]:
    found = translated(**more)
    return found["userId"], found["anonymousId"]


def test_who_it_was_is_read_from_all_generations_of_ids():
    assert ids() == (None, "W-1")
    assert ids(properties={"$is_login_id": True}) == ("W-1", None)
    assert ids(properties={"$is_login_id": 1}) == (None, "W-1")
    assert ids(login_id="W-2", anonymous_id="d-2") == ("W-2", "d-2")
    assert ids(identities={"$identity_login_id": "W-3", "$identity_cookie_id": "c-3"}) == ("W-3", "c-3")
    assert ids(identities={"$identity_idfv": "v-4"}, distinct_id="$identity_idfv+v-4") == (None, "v-4")
    assert ids(identities="none", distinct_id=17) == (None, 17)


def test_times_are_milliseconds_and_seconds_and_nonsense_is_left_to_be_refused():
    assert translated()["timestamp"] == "2026-09-21T14:13:20.123000+00:00"
    assert translated(time=1_790_000_000)["timestamp"] == "2026-09-21T14:13:20+00:00"
    assert translated(time="1790000000123")["timestamp"] == "2026-09-21T14:13:20.123000+00:00"
    assert translated(time="soon")["timestamp"] == "soon"
    assert translated(time=10**300)["timestamp"] == str(10**300)
    assert translated(_flush_time=1_790_000_001_000)["sentAt"] == "2026-09-21T14:13:21+00:00"


def test_the_hour_of_sending_makes_no_other_message_and_all_else_does():
    one = translated(_track_id=5)["messageId"]
    assert one == translated(_track_id=5, _flush_time=1)["messageId"]
    others = [
        translated(_track_id=6),
        translated(_track_id=5, event="refund"),
        translated(_track_id=5, time=1_790_000_000_124),
        translated(_track_id=5, distinct_id="W-2"),
        translated(properties={"amount": 1}),
        translated(properties={"amount": 2}),
    ]
    assert len({one, *(each["messageId"] for each in others)}) == 7


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"type": None}, Code.BAD_TYPE),
        ({"type": {"$ne": 1}}, Code.BAD_TYPE),
        ({"properties": [1]}, Code.BAD_PROPERTIES),
    ],
)
def test_what_cannot_be_read_says_why(more, code):
    with pytest.raises(RejectedMessageError) as refusal:
        translated(**more)
    assert refusal.value.code == code


@pytest.mark.parametrize("type", ["item_set", "item_delete", "track_id_unbind", "track_id_bind"])
def test_what_is_of_no_use_is_ignored_with_the_reason(type):
    with pytest.raises(sensors.IgnoredError, match=r"\w+"):
        translated(type=type, item_type="coupon", item_id="C-1")


def test_messages_of_segment_are_told_apart():
    assert sensors.is_one(b'{"type":"track","event":"pay","distinct_id":"W-1"}')
    assert not sensors.is_one(b'{"type":"track","event":"pay","userId":"W-1"}')
    assert not sensors.is_one(b"[1")


@pytest.mark.parametrize(("text", "expected"), [("", 0), ("hello", 99162322), ("eyJhIjoxfQ==", -1930075513)])
def test_the_checksum_is_javas(text, expected):
    assert sensorsform.checksum(text) == expected


def test_the_checksum_of_a_long_text_is_that_of_the_plain_rule():
    text = base64.b64encode(bytes(range(256)) * 60).decode()
    total = 0
    for letter in text:
        total = (total * 31 + ord(letter)) % 2**32
    assert sensorsform.checksum(text) == (total - 2**32 if total >= 2**31 else total)
