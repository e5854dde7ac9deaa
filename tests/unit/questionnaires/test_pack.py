"""The ready questionnaires can be published as they are, in both languages."""

import json
from importlib import resources

import pytest

from huifang.questionnaires import advice, checks, rules

FILES = sorted(
    (file for file in resources.files("huifang.questionnaires").joinpath("pack").iterdir()),
    key=lambda file: file.name,
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_ready_questionnaire_is_whole_short_and_even_handed(file: resources.abc.Traversable) -> None:
    ready = json.loads(file.read_text(encoding="utf-8"))
    definition = checks.convert(ready["definition"])

    assert checks.faults(definition) == []
    assert advice.warnings(definition) == []
    assert rules.languages(definition) == ["zh-Hans", "en"]
    assert set(ready["name"]) == {"zh-Hans", "en"}
    for texts in (definition.about, definition.intro, definition.thanks):
        assert set(texts) == {"zh-Hans", "en"}


def test_these_are_the_ready_questionnaires() -> None:
    assert [file.name for file in FILES] == [
        "after_case_closed.json",
        "after_first_payment.json",
        "after_service_call.json",
        "ease_of_use.json",
        "failed_payment.json",
        "first_days.json",
        "going_quiet.json",
        "hard_wallet_setup.json",
        "large_payment.json",
        "quarterly_pulse.json",
        "security_check.json",
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_ready_questionnaire_takes_less_than_a_minute_in_each_language(
    file: resources.abc.Traversable,
) -> None:
    definition = checks.convert(json.loads(file.read_text(encoding="utf-8"))["definition"])
    assert {language: rules.seconds(definition, language) < 60 for language in ("zh-Hans", "en")} == {
        "zh-Hans": True,
        "en": True,
    }
