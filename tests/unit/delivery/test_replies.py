"""Which replies are a "no"."""

import pytest

from huifang.delivery.rules.replies import is_refusal


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "ＳＴＯＰ",
        "STOP texting me",
        "stop!",
        "Unsubscribe",
        "UNSUBSCRIBE please",
        "退订",
        "退订谢谢",
        "请退订。",
        "TD",
        "td",
        "ＴＤ",
        "T",
        "t ",
        "R",
        "停",
        "「停」",
        "不要再发了",
        "END",
        "opt-out",
    ],
)
def test_a_no_is_heard(text: str) -> None:
    assert is_refusal(text)


@pytest.mark.parametrize(
    "text",
    ["", "5", "Great!", "很好", "Thanks, do not stop being kind", "Yes", "T恤很好看", "Tdap", "nonstop fun"],
)
def test_anything_else_is_a_reply(text: str) -> None:
    assert not is_refusal(text)
