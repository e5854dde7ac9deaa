"""Weak words need others beside them, forms have gaps, and what is meant otherwise is no cue."""

import json
import re

import pytest

from huifang.textanalysis import competitors, cues, phrases, scripts


def kinds(text: str) -> set[str]:
    return {cue.kind for cue in cues.find(text)}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("我要向央行投诉", {"regulator"}),
        ("央行又降息了", set()),
        ("I complained to the RBI", {"regulator"}),
        ("the RBI lowered its rates", set()),
        ("a fraud, they took my money", {"fraud"}),
        ("fraud app, boring games", set()),
    ],
)
def test_a_weak_word_is_a_cue_beside_others_only(text: str, expected: set[str]) -> None:
    assert kinds(text) == expected


def test_a_weak_word_far_from_the_others_is_none() -> None:
    assert (
        kinds("the RBI has a fine building. " + "It is a very sunny day today. " * 4 + "I complained")
        == set()
    )


@pytest.mark.parametrize(
    "text",
    ["商场跳楼价大甩卖", "不想活动结束", "手机电池撑不下去了", "这样搞软件只有死路一条", "防诈骗提醒很好",
     "this would be suicide for your business", "great fraud protection", "power of attorney form",
     "陌生设备登录马上有提醒", "盗刷那次赔付很快", "登录总要验证码", "it reached my bank within the hour",
     "the stolen card was blocked and I got my money back"],
)  # fmt: skip
def test_what_is_meant_otherwise_is_none(text: str) -> None:
    assert kinds(text) == set()


@pytest.mark.parametrize("text", ["有人用陌生设备登录了", "打电话跟我要验证码", "my stolen card was used"])
def test_what_is_meant_so_still_is_one(text: str) -> None:
    assert kinds(text) == {"fraud"}


def test_what_is_meant_otherwise_hides_no_cue_beside_it() -> None:
    assert kinds("跳楼价我不要，我是真的想跳楼") == {"self_harm"}


def test_self_harm_is_found_even_where_it_is_denied() -> None:
    assert kinds("我没有自杀") == {"self_harm"}
    assert kinds("not urgent") == set()


@pytest.mark.parametrize(("simple", "traditional"), [("账户被盗", "帳戶被盜"), ("账户被盗", "賬戶被盜")])
def test_traditional_characters_say_the_same(simple: str, traditional: str) -> None:
    assert kinds(simple) == kinds(traditional) == {"fraud"}
    assert scripts.simple(traditional) == simple
    assert traditional in scripts.both([simple])


def test_words_of_a_cue_stand_in_the_text_as_they_are_written() -> None:
    text = "剛才有人冒充你們客服打電話"
    assert [cue.words for cue in cues.find(text)] == ["冒充你們客服"]


def test_latin_words_are_found_beside_chinese_ones() -> None:
    assert kinds("我要发到twitter上expose you") == {"media"}


def test_all_patterns_of_the_data_hold_and_every_sign_can_be_met() -> None:
    for name, entry in phrases.data("cues").items():
        for form in entry["forms"]:
            assert form["sign"], (name, form)
            re.compile(form["form"])
        assert set(entry) <= {"severity", "zh", "en", "weak", "beside", "forms", "unless"}
    scripted = json.loads(phrases.content("scripts"))
    assert len(scripted["simplified"]) == len(scripted["traditional"]) == len(set(scripted["simplified"]))


@pytest.mark.parametrize(
    ("text", "name", "stance"),
    [
        ("LINE Pay回饋比較高", "LINE Pay", "better"),
        ("支付寶早就可以了", "Alipay", "better"),
        ("Wise took a week, you took a minute", "Wise", "worse"),
        ("PhonePe works, but not you", "PhonePe", "better"),
        ("my salary comes from Wise", "Wise", "mentioned"),
    ],
)
def test_how_another_wallet_comes_off(text: str, name: str, stance: str) -> None:
    assert [(each.name, each.stance.value) for each in competitors.find(text)] == [(name, stance)]
