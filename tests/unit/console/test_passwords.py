"""A password that is too short is refused in the reader's language, by our own words."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "The password needs 10 characters or more."), ("zh-hans", "密码至少要 10 个字符。")],
)
def test_a_short_password_is_refused_in_the_language_of_the_reader(language: str, told: str) -> None:
    with override(language), pytest.raises(ValidationError) as refused:
        validate_password("k3pt,sh")
    assert refused.value.messages == [told]
