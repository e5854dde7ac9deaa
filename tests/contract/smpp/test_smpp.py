"""What is particular to SMPP, against an independent SMSC on a real socket."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from threading import Thread
from typing import Any

import pytest
import smpp34
from tests.contract.delivery.smsc import Smsc, smsc

from huifang.delivery.channels.base import Message, Told
from huifang.delivery.channels.sms import smpp_session
from huifang.delivery.channels.sms.smpp import Smpp
from huifang.delivery.channels.sms.smpp_text import decode
from huifang.delivery.errors import AccountInvalidError, DeliveryError, OutcomeUnknownError
from huifang.delivery.rules.segments import measure

PHONE = "+8613800138000"
RECEIPT = (
    "id:{id} sub:001 dlvrd:001 submit date:2503121200 done date:2503121201 stat:{stat} err:{err} text:Hello"
)


def message(body: str) -> Message:
    return Message(
        key="enrolment:7:step:1", attempt_id=7, subject="", body=body, language="en", wallet_name="Spruce"
    )


@contextmanager
def account(server: Smsc, **settings: str) -> Iterator[Smpp]:
    made = Smpp({"url": server.url, "sender": "1069000", **settings})
    try:
        yield made
    finally:
        made.close()


@pytest.fixture
def server() -> Iterator[Smsc]:
    with smsc() as running:
        yield running


@pytest.fixture
def channel(server: Smsc) -> Iterator[Smpp]:
    with account(server) as made:
        yield made


def heard(channel: Smpp, count: int = 1, seconds: float = 10) -> list[Told]:
    """What comes in until there are *count*."""
    found: list[Told] = []
    until = time.monotonic() + seconds
    while len(found) < count and time.monotonic() < until:
        found += channel.collect()
        time.sleep(0.02)
    return found


def submitted(event: Any) -> str:
    options = {each.tag: each.value for each in event.tlvs}
    raw = options.get(smpp34.TLV_MESSAGE_PAYLOAD, event.short_message)
    return decode(bytes(raw), data_coding=event.data_coding, esm_class=event.esm_class)


def test_a_message_is_handed_over_in_the_gsm_alphabet_and_asks_for_a_receipt(
    server: Smsc, channel: Smpp
) -> None:
    receipt = channel.send(message("Hello {you} @ €5"), PHONE)
    (got,) = server.got
    assert (got.destination_addr, got.dest_addr_ton, got.source_addr) == ("8613800138000", 1, "1069000")
    assert (got.data_coding, got.registered_delivery) == (0, 1)
    assert bytes(got.short_message) == b"Hello \x1b(you\x1b) \x00 \x1be5"
    assert (receipt.provider_message_id, receipt.parts) == ("00A1", 1)


def test_chinese_is_handed_over_in_ucs_2(server: Smsc, channel: Smpp) -> None:
    channel.send(message("您好,回访😀"), PHONE)
    (got,) = server.got
    assert (got.data_coding, bytes(got.short_message)) == (8, "您好,回访😀".encode("utf-16-be"))


@pytest.mark.parametrize("how", ["udh", "sar", "payload"])
@pytest.mark.parametrize("text", ["很" * 66 + "😀" * 40, "a" * 152 + "€" * 100])
def test_a_long_message_is_joined_again_and_no_character_is_cut(server: Smsc, how: str, text: str) -> None:
    with account(server, long_messages=how) as channel:
        receipt = channel.send(message(text), PHONE)
    assert "".join(submitted(got) for got in server.got) == text
    assert receipt.parts == measure(text).parts
    assert [got.registered_delivery for got in server.got][-1] == 1
    assert sum(got.registered_delivery for got in server.got) == 1
    assert receipt.provider_message_id == f"00A{len(server.got)}"


def test_parts_say_of_what_they_are_parts(server: Smsc) -> None:
    with account(server, long_messages="sar") as channel:
        channel.send(message("很" * 150), PHONE)
    said = [{each.tag: each.as_int() for each in got.tlvs} for got in server.got]
    assert [each[smpp34.TLV_SAR_SEGMENT_SEQNUM] for each in said] == [1, 2, 3]
    assert {each[smpp34.TLV_SAR_TOTAL_SEGMENTS] for each in said} == {3}
    assert len({each[smpp34.TLV_SAR_MSG_REF_NUM] for each in said}) == 1


@pytest.mark.parametrize(
    ("status", "code", "permanent", "effect"),
    [
        (smpp34.ESME_RTHROTTLED, "throttled", False, ""),
        (smpp34.ESME_RMSGQFUL, "smpp_20", False, ""),
        (smpp34.ESME_RINVDSTADR, "smpp_11", True, "dead"),
        (smpp34.ESME_RINVSRCADR, "smpp_10", False, "account"),
        (smpp34.ESME_RINVMSGLEN, "smpp_1", True, ""),
    ],
)
def test_what_the_smsc_refuses_reads_as_the_standard_says(
    server: Smsc, channel: Smpp, status: int, code: str, permanent: bool, effect: str
) -> None:
    server.status = lambda _: status
    with pytest.raises(DeliveryError) as refused:
        channel.send(message("Hello"), PHONE)
    error = refused.value
    assert (error.code, error.permanent, error.effect) == (code, permanent, effect)


def test_a_part_that_is_throttled_after_the_first_is_tried_with_patience(server: Smsc, channel: Smpp) -> None:
    server.status = lambda place: smpp34.ESME_RTHROTTLED if place == 2 else 0
    channel.send(message("很" * 100), PHONE)
    first, refused, again = server.got
    assert bytes(refused.short_message) == bytes(again.short_message)
    assert bytes(first.short_message)[:4] == bytes(again.short_message)[:4]


def test_when_only_a_part_could_be_handed_over_the_outcome_is_unknown(server: Smsc, channel: Smpp) -> None:
    server.status = lambda place: 0 if place == 1 else smpp34.ESME_RSYSERR + 3
    with pytest.raises(OutcomeUnknownError):
        channel.send(message("很" * 100), PHONE)


def test_without_an_answer_the_outcome_is_unknown(
    server: Smsc, channel: Smpp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smpp_session, "_ANSWER_SECONDS", 0.5)
    server.vanishes = True
    with pytest.raises(OutcomeUnknownError):
        channel.send(message("Hello"), PHONE)
    assert len(server.got) == 1


def test_when_the_line_breaks_after_hand_over_the_outcome_is_unknown(server: Smsc, channel: Smpp) -> None:
    server.vanishes = True
    breaking = _meanwhile(lambda: _break_when_taken(server))
    with pytest.raises(OutcomeUnknownError):
        channel.send(message("Hello"), PHONE)
    breaking.join(10)


def _break_when_taken(server: Smsc) -> None:
    until = time.monotonic() + 10
    while not server.got and time.monotonic() < until:
        time.sleep(0.02)
    server.hang_up()


def test_an_smsc_that_is_not_there_took_nothing_and_is_left_alone_for_a_while() -> None:
    channel = Smpp({"url": "smpp://huifang:secret@127.0.0.1:9", "sender": "1069000"})
    for _ in range(2):
        with pytest.raises(DeliveryError) as refused:
            channel.send(message("Hello"), PHONE)
        assert (refused.value.code, refused.value.permanent) == ("unreachable", False)
    assert refused.value.retry_after_seconds >= 1


def test_a_line_that_broke_is_opened_again() -> None:
    with ExitStack() as stack:
        first, second = (stack.enter_context(smsc()) for _ in range(2))
        made = stack.enter_context(account(first))
        made.send(message("one"), PHONE)
        first.hang_up()
        until = time.monotonic() + 10
        while made._session._line is not None and time.monotonic() < until:
            time.sleep(0.02)
        made._session._address = _moved(made._session._address, second)
        made.send(message("two"), PHONE)
    assert [submitted(got) for got in second.got] == ["two"]


def _moved(address: Any, to: Smsc) -> Any:
    """The same account at another SMSC: a port that was just closed cannot always be had again."""
    return replace(address, port=int(to.url.rpartition(":")[2]))


@pytest.mark.parametrize(
    ("stat", "err", "state", "is_dead"),
    [
        ("DELIVRD", "000", "delivered", False),
        ("UNDELIV", "001", "failed", True),
        ("EXPIRED", "027", "failed", False),
    ],
)
def test_a_receipt_is_heard_and_acknowledged_when_it_is_stored(
    server: Smsc, channel: Smpp, stat: str, err: str, state: str, is_dead: bool
) -> None:
    channel.send(message("Hello"), PHONE)
    answers: list[Any] = []
    text = RECEIPT.format(id="00A1", stat=stat, err=err).encode()
    telling = _meanwhile(lambda: answers.append(server.tell(text, esm_class=4)))
    (told,) = heard(channel)
    (notice,) = told.notices
    assert (notice.provider_message_id, notice.state, notice.is_dead) == ("00A1", state, is_dead)
    assert answers == []
    told.done()
    telling.join(10)
    assert answers[0].is_success


def _meanwhile(do: Callable[[], object]) -> Any:
    thread = Thread(target=do, daemon=True)
    thread.start()
    return thread


def test_a_receipt_that_is_under_way_tells_nothing_yet(server: Smsc, channel: Smpp) -> None:
    channel.send(message("Hello"), PHONE)
    text = RECEIPT.format(id="00A1", stat="ENROUTE", err="000").encode()
    telling = _meanwhile(lambda: server.tell(text, esm_class=4))
    (told,) = heard(channel)
    assert told.notices == []
    told.done()
    telling.join(10)


def test_a_decimal_receipt_of_a_hexadecimal_number_finds_its_message(server: Smsc) -> None:
    with account(server, decimal_receipts="yes") as channel:
        receipt = channel.send(message("Hello"), PHONE)
        text = RECEIPT.format(id="0000000161", stat="DELIVRD", err="000").encode()  # 0xA1
        telling = _meanwhile(lambda: server.tell(text, esm_class=4))
        (told,) = heard(channel)
        told.done()
        telling.join(10)
    assert told.notices[0].provider_message_id == receipt.provider_message_id == "a1"


@pytest.mark.parametrize(
    ("raw", "coding", "text"),
    [(b"STOP", 0, "STOP"), ("退订".encode("utf-16-be"), 8, "退订"), (b"caf\xe9", 3, "café")],
)
def test_a_reply_is_heard_in_its_alphabet(
    server: Smsc, channel: Smpp, raw: bytes, coding: int, text: str
) -> None:
    channel.send(message("Hello"), PHONE)
    telling = _meanwhile(lambda: server.tell(raw, data_coding=coding))
    (told,) = heard(channel)
    told.done()
    telling.join(10)
    (notice,) = told.notices
    assert (notice.kind, notice.address, notice.text) == ("reply", PHONE, text)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"url": "http://x:1", "sender": "1"}, "url"),
        ({"url": "smpp://127.0.0.1:1", "sender": "1"}, "url"),
        ({"url": "smpp://a:b@127.0.0.1:99999", "sender": "1"}, "url"),
        ({"url": "smpp://a:b@127.0.0.1", "sender": ""}, "sender"),
        ({"url": "smpp://a:b@127.0.0.1", "sender": "1", "window": "0"}, "window"),
        ({"url": "smpp://a:b@127.0.0.1", "sender": "1", "long_messages": "x"}, "long_messages"),
    ],
)
def test_an_account_that_cannot_work_names_the_field(settings: dict[str, str], field: str) -> None:
    with pytest.raises(AccountInvalidError) as refused:
        Smpp(settings)
    assert refused.value.facts["field"] == field
