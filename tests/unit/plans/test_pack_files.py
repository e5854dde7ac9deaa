"""Every file of the pack is whole: both languages, short, polite, and as long as it says."""

import json
from importlib import resources
from typing import Any

import pytest

from huifang.delivery.rules.segments import measure
from huifang.delivery.rules.wording import PLACEHOLDERS, placeholders
from huifang.plans.ready import definition_in
from huifang.plans.rules import faults_of, read_definition

LANGUAGES = {"zh-Hans", "en"}
FILES: dict[str, dict[str, Any]] = {
    file.name: json.loads(file.read_text(encoding="utf-8"))
    for file in resources.files("huifang.plans").joinpath("pack").iterdir()
    if file.name.endswith(".json")
}
QUESTIONNAIRES = {
    json.loads(file.read_text(encoding="utf-8"))["slug"]
    for file in resources.files("huifang.questionnaires").joinpath("pack").iterdir()
}
# What an operator adds: the segment of a campaign. A wallet's own link is about this long.
LEFT_TO_THE_OPERATOR = {"segment_missing"}
WALLETS = {"zh-Hans": "云杉钱包", "en": "Spruce Wallet"}
LINK = "https://fb.example.com/s/" + "x" * 32
EACH = pytest.mark.parametrize("data", FILES.values(), ids=FILES.keys())


def test_the_pack_has_a_follow_up_for_each_moment_that_was_promised() -> None:
    assert sorted(data["pack_name"] for data in FILES.values()) == [
        "after-case-closed",
        "after-first-payment",
        "after-service-call",
        "failed-payment",
        "going-quiet",
        "hard-wallet-set-up",
        "large-payment",
        "quarterly-pulse",
        "suspicious-activity",
        "third-day",
        "two-days-after-a-payment",
    ]
    assert sorted(data["order"] for data in FILES.values()) == list(range(1, 12))


@EACH
def test_a_ready_plan_has_no_fault_but_what_is_left_to_the_operator(data: dict[str, Any]) -> None:
    found = {fault.code for fault in faults_of(read_definition(definition_in(data, 1)))}
    assert found <= LEFT_TO_THE_OPERATOR


@EACH
def test_everything_is_said_in_both_languages(data: dict[str, Any]) -> None:
    texts = [data["about"], data["script"], data["definition"]["name"]]
    texts += [text for message in data["messages"].values() for text in message.values()]
    assert all(set(each) == LANGUAGES and all(each.values()) for each in texts)
    assert set(data["messages"]) == {"in_app", "push", "sms", "email"}
    assert data["questionnaire"] in QUESTIONNAIRES


@EACH
def test_messages_name_only_what_is_filled_and_carry_the_link_once(data: dict[str, Any]) -> None:
    for message in data["messages"].values():
        for text in (text for texts in message.values() for text in texts.values()):
            assert placeholders(text) <= set(PLACEHOLDERS) - {"amount", "currency", "merchant"}
        assert [body.count("{link}") for body in message["body"].values()] == [1, 1]


@EACH
@pytest.mark.parametrize("language", ["zh-Hans", "en"])
def test_an_sms_is_no_longer_than_the_file_says(data: dict[str, Any], language: str) -> None:
    text = data["messages"]["sms"]["body"][language]
    for name, value in {"wallet_name": WALLETS[language], "seconds": "40", "link": LINK}.items():
        text = text.replace(f"{{{name}}}", value)
    assert measure(text).parts == data["sms_parts"][language]


def test_english_messages_fit_into_one_part_and_chinese_ones_into_two() -> None:
    """A link alone fills most of the 70 signs that one part has in Chinese."""
    assert {tuple(data["sms_parts"].items()) for data in FILES.values()} == {(("zh-Hans", 2), ("en", 1))}


@EACH
def test_sms_and_mail_name_the_sender_and_a_way_out(data: dict[str, Any]) -> None:
    sms, mail = data["messages"]["sms"]["body"], data["messages"]["email"]["body"]
    assert "TD" in sms["zh-Hans"]
    assert "STOP" in sms["en"]
    assert all("{wallet_name}" in text for text in (*sms.values(), *mail.values()))
    assert all("{preference_link}" in text for text in mail.values())


@EACH
def test_an_agent_says_who_calls_why_and_that_no_code_is_asked_for(data: dict[str, Any]) -> None:
    zh, en = data["script"]["zh-Hans"], data["script"]["en"]
    assert "{wallet_name}" in zh
    assert "工号" in zh
    assert "验证码" in zh
    assert "{wallet_name}" in en
    assert "agent number" in en
    assert "never ask for a password" in en


@EACH
def test_only_security_is_outside_the_budget_and_then_reaches_everybody(data: dict[str, Any]) -> None:
    definition = read_definition(definition_in(data, 1))
    is_security = data["pack_name"] == "suspicious-activity"
    assert (definition.contact_class == "security") is is_security
    assert definition.purpose == "service_follow_up"
    assert bool(definition.holdout_basis_points) is not (
        is_security or data["pack_name"] == "after-case-closed"
    )
