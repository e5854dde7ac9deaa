"""Finding the approved template that a text was written by."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.delivery.channels.sms import templates
from huifang.delivery.errors import AccountInvalidError, DeliveryError

TABLE = """
A1 = 【Spruce】Hello ${name}, tell us: ${link}
B2 = Hello {1}
C3=no parameters = at all
D4 = ${who} said ${who}
"""


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("【Spruce】Hello Lin, tell us: https://x", "A1", {"name": "Lin", "link": "https://x"}),
        ("【Spruce】Hello , tell us: x", "A1", {"name": "", "link": "x"}),
        ("Hello Lin, tell us: x", "B2", {"1": "Lin, tell us: x"}),
        ("no parameters = at all", "C3", {}),
        ("Lin said Lin", "D4", {"who": "Lin"}),
    ],
)
def test_a_text_finds_its_template(text: str, code: str, values: dict[str, str]) -> None:
    template, found = templates.find(templates.read(TABLE), text)
    assert (template.code, found) == (code, values)


@pytest.mark.parametrize(
    "text", ["", "Hello", "no parameters = at all!", "Lin said Wei", "x【Spruce】Hello "]
)
def test_a_text_of_no_template_is_refused_for_good(text: str) -> None:
    with pytest.raises(DeliveryError) as refused:
        templates.find(templates.read(TABLE), text)
    assert (refused.value.code, refused.value.permanent) == ("no_template", True)


@pytest.mark.parametrize("table", ["no sign", "= text", "A1 =", "A1 = {1}{2}"])
def test_a_table_that_cannot_be_read_is_refused(table: str) -> None:
    with pytest.raises(AccountInvalidError):
        templates.read(table)


@given(
    st.lists(st.text("ab ", max_size=6), min_size=2, max_size=2),
    st.lists(st.text("ab", max_size=4), min_size=3, max_size=3),
)
def test_what_is_filled_in_again_is_the_text(values: list[str], around: list[str]) -> None:
    """Whatever parameters are found, the provider's own filling makes the very text out of them."""
    first, between, last = around
    pattern = f"{first}${{x}}|{between}|${{y}}{last}"
    text = f"{first}{values[0]}|{between}|{values[1]}{last}".strip()
    (template,) = templates.read(f"T = {pattern.strip()}")
    found = template.match(text)
    assert found is None or pattern.strip().replace("${x}", found["x"]).replace("${y}", found["y"]) == text
