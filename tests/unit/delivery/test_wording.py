"""Templates: refused when saved with an unknown name, sent whole or not at all."""

import pytest

from huifang.delivery.errors import PlaceholderBrokenError, PlaceholderUnknownError, VariableMissingError
from huifang.delivery.rules.wording import PLACEHOLDERS, check, fill


def test_every_placeholder_is_filled() -> None:
    assert (
        fill("{wallet_name}: {link}", {"wallet_name": "Spruce", "link": "https://x"}) == "Spruce: https://x"
    )


def test_doubled_braces_are_braces() -> None:
    assert fill("{{link}} {link}", {"link": "L"}) == "{link} L"


def test_a_value_with_braces_is_not_read_again() -> None:
    assert fill("{merchant}", {"merchant": "{link}", "link": "no"}) == "{link}"


@pytest.mark.parametrize("variables", [{}, {"link": ""}, {"other": "x"}])
def test_a_missing_or_empty_value_fills_nothing(variables: dict[str, str]) -> None:
    with pytest.raises(VariableMissingError, match="link"):
        fill("Hello {link}", variables)


def test_an_unknown_placeholder_is_refused_with_what_is_known() -> None:
    with pytest.raises(PlaceholderUnknownError) as refused:
        check({"en": "Hi {name}", "zh-Hans": "{link}"}, PLACEHOLDERS)
    assert refused.value.facts["placeholder"] == "{name}"
    assert "wallet_name" in str(refused.value.facts["known"])


@pytest.mark.parametrize("text", ["{", "}", "{link", "link}", "{Link}", "{link.x}", "{0}", "{}", "{{link}"])
def test_a_brace_that_opens_or_closes_nothing_is_refused(text: str) -> None:
    with pytest.raises(PlaceholderBrokenError):
        check({"en": text}, PLACEHOLDERS)


def test_attributes_of_values_cannot_be_reached() -> None:
    with pytest.raises(PlaceholderBrokenError):
        fill("{link.__class__}", {"link": "x"})


def test_what_is_named_is_told() -> None:
    assert check({"en": "{link}", "zh-Hans": "{link} {amount}"}, PLACEHOLDERS) == {"link", "amount"}
