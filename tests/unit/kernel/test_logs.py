"""What a line of the log may hold, and what it never does."""

import json
import logging
import sys
import time

import pytest

from huifang.kernel.logs import JsonFormatter, PlainFormatter, redact, request_id


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/s/AAAAAAAAAAEabc-_=", "/s/…"),
        ("/p/AAAAAAAAAAEabc/unsubscribe", "/p/…/unsubscribe"),
        ("/l/AAAAAAAAAAEabc", "/l/…"),
        ("/reward/AAAAAAAAAAEabc/", "/reward/…/"),
        ("/s/a/AAAAAAAAAAEabc", "/s/a/…"),
        ("/q/shop-12", "/q/…"),
        ("/q/shop-12/AAAAAAAAAAEabc-_=", "/q/shop-12/…"),
        ("/hooks/aliyun/3/AAAAAAAAAAEabc", "/hooks/aliyun/3/…"),
        ("/hooks/twilio/3?key=x", "/hooks/twilio/3?key=x"),
        ("/invitations/secret-token/", "/invitations/…/"),
        ("/accounts/password/reset/key/2-abc/", "/accounts/password/reset/key/…/"),
        ("/plans/12/", "/plans/12/"),
        ("/settings/people/", "/settings/people/"),
    ],
)
def test_a_link_that_is_a_key_is_hidden_and_nothing_else(path: str, shown: str) -> None:
    assert redact(f"Internal Server Error: {path}") == f"Internal Server Error: {shown}"


@pytest.mark.parametrize(
    "personal",
    [
        "lin.mei+pay@example.com.cn",
        "+86 138-0013-8000",
        "13800138000",
        "138 0013 8000",
        "11010519491231002X",
        "6222 0212 3456 7890 128",
        "Basic d3JpdGUta2V5Og==",
        "Bearer hf_0123456789abcdef",
    ],
)
def test_what_looks_personal_or_secret_is_hidden(personal: str) -> None:
    for text in (personal, f"手机{personal}已注册", f"key=({personal})"):
        assert personal not in redact(text)


def test_the_password_in_an_address_is_hidden() -> None:
    assert redact("postgresql://huifang:geheim@db/huifang") == "postgresql…db/huifang"


@pytest.mark.parametrize(
    "harmless",
    ["loop delivery-sms failed and goes on", "2026-11-22 00:32:07,123", "took 12345 ms, 200 rows", "plan:12"],
)
def test_what_helps_and_harms_nobody_stays(harmless: str) -> None:
    assert redact(harmless) == harmless


def test_postgresql_details_quote_rows_and_are_left_out() -> None:
    text = "duplicate key value\nDETAIL:  Key (external_id)=(lin-mei-77) already exists.\nnext"
    assert redact(text) == "duplicate key value\nDETAIL: …\nnext"


def test_a_long_line_takes_no_long_time() -> None:
    started = time.process_time()
    for letter in "a1+@. ":
        redact(letter * 200_000)
    assert time.process_time() - started < 5


def _record(message: str, *values: object, **more: object) -> logging.LogRecord:
    record = logging.LogRecord("huifang.test", logging.ERROR, "", 0, message, values, None)
    record.__dict__.update(more)
    return record


def test_a_json_entry_is_one_line_with_its_facts_and_its_request() -> None:
    told = request_id.set("request-77")
    entry = json.loads(
        JsonFormatter().format(_record("loop %s\nfailed", "sms", loop="sms", phone="13800138000"))
    )
    request_id.reset(told)
    assert entry["message"] == "loop sms\nfailed"
    assert (entry["level"], entry["loop"], entry["request_id"]) == ("error", "sms", "request-77")
    assert "phone" not in entry


@pytest.mark.parametrize("formatter", [JsonFormatter(), PlainFormatter()])
def test_an_exception_tells_where_but_not_whom(formatter: logging.Formatter) -> None:
    try:
        raise ValueError("no such customer: lin@example.org")
    except ValueError:
        record = _record("failed")
        record.exc_info = sys.exc_info()
    line = formatter.format(record)
    assert "test_logs.py" in line
    assert "ValueError" in line
    assert "lin@example.org" not in line
