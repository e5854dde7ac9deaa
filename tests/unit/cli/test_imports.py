"""What ``huifang import`` understands and says."""

import pytest

from huifang.cli import main
from huifang.cli.import_files import language
from huifang.events.rejections import Code
from huifang.kernel.row_reasons import OF_KIND


def test_every_reason_to_refuse_an_event_is_explained() -> None:
    """A row becomes a track call, and a whole message of another type is read as a row."""
    assert set(Code) - set(OF_KIND["events"]) == {Code.MALFORMED, Code.BAD_TYPE, Code.TOO_OLD}


@pytest.mark.parametrize(
    "options", [["--zone", "Moon/Sea"], ["--zone", "../etc"], ["--metric", "stars"], ["--map", "score"]]
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(options: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main.parser().parse_args(["import", "feedback", "x.csv", "--metric", "nps", *options])
    assert refusal.value.code == 2


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"LANG": "zh_CN.UTF-8"}, "zh-hans"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "de_DE.UTF-8", "LC_ALL": ""}, "en"),
        ({}, "en"),
    ],
)
def test_refused_rows_are_explained_in_the_language_of_the_terminal(
    environment: dict[str, str], expected: str
) -> None:
    assert language(environment) == expected
