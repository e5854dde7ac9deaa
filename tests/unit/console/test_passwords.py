"""A password that is too short is refused in the reader's language, by our own words."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import override

from huifang.console.forms import AcceptForm


@pytest.mark.parametrize(
    ("language", "told"),
    [("en", "The password needs 10 characters or more."), ("zh-hans", "密码至少要 10 个字符。")],
)
def test_a_short_password_is_refused_in_the_language_of_the_reader(language: str, told: str) -> None:
    with override(language), pytest.raises(ValidationError) as refused:
        validate_password("k3pt,sh")
    assert refused.value.messages == [told]


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "10 characters or more, and not much like your name or e-mail address."),
        ("zh-hans", "至少 10 个字符，不要与姓名或邮箱太像。"),
    ],
)
def test_what_a_password_needs_is_said_before_it_is_written(language: str, told: str) -> None:
    with override(language):
        assert AcceptForm(email="mei@example.com").fields["password"].help_text == told
