"""How the period and the plan of a rehearsal are read from the command line."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from huifang.cli import rehearse
from huifang.cli.errors import UnknownPlanNameError
from huifang.kernel.ids import PlanId
from huifang.plans.records import PlanDefinition, PlanLine, VersionState

LINE = PlanLine(
    id=PlanId(7),
    name={"zh-Hans": "首次支付", "en": "First payment"},
    state=VersionState.ACTIVE,
    live_version=1,
    draft_version=None,
    live_since=None,
    definition=PlanDefinition(),
    edited_at=datetime(2026, 3, 1, tzinfo=UTC),
)


def test_a_day_starts_at_midnight_and_ends_with_the_next() -> None:
    assert rehearse.start_of("2026-03-01") == datetime(2026, 3, 1, tzinfo=UTC)
    assert rehearse.end_of("2026-03-31") == datetime(2026, 4, 1, tzinfo=UTC)


def test_an_instant_is_taken_as_it_is() -> None:
    china = timezone(timedelta(hours=8))
    assert rehearse.end_of("2026-03-31T00:00+08:00") == datetime(2026, 3, 31, tzinfo=china)


@pytest.mark.parametrize("text", ["7", "首次支付", "First payment"])
def test_a_plan_is_found_by_number_or_by_name_in_either_language(text: str) -> None:
    assert rehearse.plan_named(text, [LINE]) == 7


def test_an_unknown_plan_is_refused_with_those_there_are() -> None:
    with pytest.raises(UnknownPlanNameError, match="7 "):
        rehearse.plan_named("Second payment", [LINE])
