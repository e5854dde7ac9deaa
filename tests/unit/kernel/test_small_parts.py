"""Texts by language, settings from the environment, refusals, hash chains."""

import pytest

from huifang.kernel import chain, env
from huifang.kernel.refusals import Refusal, gettext_noop
from huifang.kernel.texts import pick, product_language


def test_a_text_falls_back_to_the_stated_language_then_to_any():
    texts = {"zh-Hans": "你好", "en": "Hello", "fr": ""}
    assert pick(texts, "en") == "Hello"
    assert pick(texts, "fr", "zh-Hans") == "你好"
    assert pick({"fr": "", "de": "Hallo"}, "en", "zh-Hans") == "Hallo"
    assert pick({}, "en") == ""


@pytest.mark.parametrize(
    ("tag", "language"),
    [("zh-CN", "zh-Hans"), ("zh_TW", "zh-Hans"), ("EN-gb", "en"), ("fr", ""), ("", ""), ("zho", "")],
)
def test_a_language_tag_finds_the_product_language(tag, language):
    assert product_language(tag) == language


def test_settings_are_read_typed_and_listed(monkeypatch):
    monkeypatch.setenv("HUIFANG_TEST_NUMBER", "12")
    monkeypatch.setenv("HUIFANG_TEST_FLAG", "Yes")
    monkeypatch.setenv("HUIFANG_TEST_WORDS", "a, b,,c ")
    assert env.integer("HUIFANG_TEST_NUMBER", default=1, help="x") == 12
    assert env.boolean("HUIFANG_TEST_FLAG", default=False, help="x") is True
    assert env.words("HUIFANG_TEST_WORDS", help="x") == ["a", "b", "c"]
    assert env.text("HUIFANG_TEST_ABSENT", default="d", help="x") == "d"
    assert env.TABLE["HUIFANG_TEST_NUMBER"].default == "1"
    for name in list(env.TABLE):
        if name.startswith("HUIFANG_TEST_"):
            del env.TABLE[name]


@pytest.mark.parametrize(("kind", "value"), [("integer", "many"), ("boolean", "perhaps")])
def test_a_setting_that_cannot_be_used_says_so(monkeypatch, kind, value):
    monkeypatch.setenv("HUIFANG_TEST_BAD", value)
    with pytest.raises(env.SettingError, match="HUIFANG_TEST_BAD"):
        getattr(env, kind)("HUIFANG_TEST_BAD", default=0, help="x")
    del env.TABLE["HUIFANG_TEST_BAD"]


class DoorShutError(Refusal):
    """A refusal to try."""

    code = "door_shut"
    text = gettext_noop("The door of {room} is shut.")


def test_a_refusal_tells_its_facts():
    refusal = DoorShutError(room="plans")
    assert str(refusal) == "The door of plans is shut."
    assert refusal.facts == {"room": "plans"}
    assert refusal.status == 409


def test_a_link_of_a_chain_depends_on_content_order_and_context():
    first = chain.link(chain.GENESIS, {"a": 1, "b": "二"}, context="t")
    assert first == chain.link(chain.GENESIS, {"b": "二", "a": 1}, context="t")
    assert first != chain.link(chain.GENESIS, {"a": 2, "b": "二"}, context="t")
    assert first != chain.link(first, {"a": 1, "b": "二"}, context="t")
    assert first != chain.link(chain.GENESIS, {"a": 1, "b": "二"}, context="other")
