"""What ``huifang import`` understands and says."""

import pytest

from huifang.cli import main
from huifang.cli.imports import MEANINGS
from huifang.events.rejections import Code


def test_every_reason_to_refuse_an_event_is_explained() -> None:
    """A row becomes a track call, and a whole message of another type is read as a row."""
    assert set(Code) - set(MEANINGS["events"]) == {Code.MALFORMED, Code.BAD_TYPE, Code.TOO_OLD}


@pytest.mark.parametrize(
    "options", [["--zone", "Moon/Sea"], ["--zone", "../etc"], ["--metric", "stars"], ["--map", "score"]]
)
def test_what_makes_no_sense_is_refused_before_anything_is_read(options: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        main.parser().parse_args(["import", "feedback", "x.csv", "--metric", "nps", *options])
    assert refusal.value.code == 2
