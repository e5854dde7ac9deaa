"""What a template is warned about, in which language and where; previews and lengths."""

import pytest

from huifang.delivery.rules import drafts

GOOD = "{wallet_name}: how was it? {link} Reply STOP to hear no more."


def codes(channel: str, body: dict[str, str], subject: dict[str, str] | None = None) -> set[tuple[str, str]]:
    found = drafts.check(channel, subject or {}, body, fallback_language="en")
    return {(each.code, each.language) for each in found}


def test_a_good_message_is_warned_about_nothing() -> None:
    assert codes("sms", {"en": GOOD}) == set()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ("how was it? {link} Reply STOP", "no_identity"),
        ("{wallet_name}: how was it? {link}", "no_refusal"),
        ("{wallet_name}: hello. Reply STOP", "no_link"),
        (GOOD + " see https://bit.ly/x", "shortener"),
        (GOOD + " You are a WINNER", "spam_words"),
        (GOOD + " {coupon}", "unknown_placeholder"),
        (GOOD + " {", "broken"),
        (GOOD + " word" * 120, "too_long"),
        (GOOD.replace("how", "how’s"), "costly_letters"),
    ],
)
def test_each_fault_of_an_sms_is_told(body: str, code: str) -> None:
    assert (code, "en") in codes("sms", {"en": body})


@pytest.mark.parametrize("way", ["{preference_link}", "回T退订", "回复TD退订", "拒收请回复R", "Reply STOP"])
def test_any_way_to_say_no_will_do(way: str) -> None:
    assert ("no_refusal", "en") not in codes("sms", {"en": "{wallet_name} {link} " + way})


def test_a_chinese_text_is_not_told_that_its_letters_cost() -> None:
    body = {"en": GOOD, "zh-Hans": "{wallet_name}:这次转账顺利吗?{link} 回T退订"}
    assert codes("sms", body) == set()


def test_the_fallback_must_be_there_and_a_subject_is_looked_at_too() -> None:
    found = drafts.check(
        "email", {"zh-Hans": "免费" + "长" * 80}, {"zh-Hans": "{link}"}, fallback_language="en"
    )
    assert [(each.code, each.where) for each in found] == [
        ("no_fallback", "body"),
        ("too_long", "subject"),
        ("spam_words", "subject"),
    ]


def test_previews_are_filled_and_measured_by_language() -> None:
    body = {"en": "{wallet_name}: {link}", "zh-Hans": "{wallet_name}:请评价这次转账是否顺利 {link}"}
    english, chinese = drafts.previews("sms", {}, body, {"wallet_name": "Spruce"})
    assert english.body.startswith("Spruce: https://wallet.example/l/")
    assert (english.encoding, english.parts) == ("gsm-7", 1)
    assert (chinese.encoding, chinese.parts) == ("ucs-2", 2)


def test_a_push_that_is_too_long_and_braces_are_shown_as_they_stand() -> None:
    assert ("too_long", "en") in codes("push", {"en": "{link}" + "x" * 200})
    assert drafts.previews("push", {"en": "Hi"}, {"en": "{nobody} {{x}}"}, {})[0].body == "{nobody} {x}"
