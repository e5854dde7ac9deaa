"""Drafts, live versions, and what the database itself refuses."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from tests.integration.plans.makers import START, definition, live

from huifang.kernel.models import AuditEntry
from huifang.plans import queries, services
from huifang.plans.errors import (
    DraftExistsError,
    FaultyDefinitionError,
    NoDraftError,
    NothingLeftError,
    PlanNotLiveError,
    PlanNotPausedError,
    UnknownPlanError,
)
from huifang.plans.models import PlanVersion

pytestmark = pytest.mark.django_db
BY = "person:1"


def _actions(plan_id: int) -> list[str]:
    found = AuditEntry.objects.filter(subject=f"plan:{plan_id}").order_by("pk")
    return list(found.values_list("action", flat=True))


def test_the_life_of_a_plan_is_audited():
    plan_id = live()
    services.pause(plan_id=plan_id, by=BY, now=START)
    services.resume(plan_id=plan_id, by=BY, now=START)
    services.end(plan_id=plan_id, by=BY, now=START)
    assert _actions(plan_id) == [
        "plan.created",
        "plan.activated",
        "plan.paused",
        "plan.resumed",
        "plan.ended",
    ]


def test_a_new_version_takes_the_place_of_the_live_one_and_keeps_its_start():
    plan_id = live()
    later = START + timedelta(days=3)
    services.new_draft(plan_id=plan_id, by=BY, now=later)
    services.activate(plan_id=plan_id, by=BY, now=later)
    line = queries.plan(plan_id=plan_id)
    assert (line.live_version, line.draft_version, line.live_since) == (2, None, START)
    assert [version.state for version in queries.versions(plan_id=plan_id)] == ["active", "ended"]


def test_a_plan_that_was_paused_is_live_from_the_new_start_on():
    plan_id = live()
    later = START + timedelta(days=3)
    services.pause(plan_id=plan_id, by=BY, now=START)
    services.resume(plan_id=plan_id, by=BY, now=later)
    assert queries.plan(plan_id=plan_id).live_since == later


def test_writing_the_draft_of_a_live_plan_starts_one():
    plan_id = live()
    services.write_draft(plan_id=plan_id, definition=definition(delay="P2D"), by=BY, now=START)
    line = queries.plan(plan_id=plan_id)
    assert (line.live_version, line.draft_version, line.definition.delay) == (1, 2, timedelta(days=2))


def test_a_faulty_draft_is_kept_but_does_not_go_live():
    plan_id = services.create(definition=definition(steps=[]), by=BY, now=START)
    with pytest.raises(FaultyDefinitionError) as refused:
        services.activate(plan_id=plan_id, by=BY, now=START)
    assert refused.value.facts == {"count": 1, "faults": "steps_missing"}
    assert queries.plan(plan_id=plan_id).state == "draft"


def test_a_template_that_nothing_fills_does_not_go_live():
    body = {"en": "{nickname} {link}", "zh-Hans": "{nickname} {link}"}
    plan_id = services.create(
        definition=definition(steps=[{"channel": "in_app", "body": body}]), by=BY, now=START
    )
    with pytest.raises(FaultyDefinitionError, match="placeholder_unknown"):
        services.activate(plan_id=plan_id, by=BY, now=START)


def test_a_copy_is_a_draft_of_its_own():
    plan_id = live(holdout_basis_points=500)
    copied = services.copy(plan_id=plan_id, name={"en": "B", "zh-Hans": "乙"}, by=BY, now=START)
    line = queries.plan(plan_id=copied)
    assert (line.state, line.name["en"], line.definition.holdout_basis_points) == ("draft", "B", 500)


def test_what_cannot_be_done_is_refused():
    plan_id = live()
    with pytest.raises(NoDraftError):
        services.save_draft(plan_id=plan_id, definition=definition(), by=BY, now=START)
    with pytest.raises(PlanNotPausedError):
        services.resume(plan_id=plan_id, by=BY, now=START)
    services.new_draft(plan_id=plan_id, by=BY, now=START)
    with pytest.raises(DraftExistsError):
        services.new_draft(plan_id=plan_id, by=BY, now=START)
    services.discard_draft(plan_id=plan_id, by=BY, now=START)
    services.end(plan_id=plan_id, by=BY, now=START)
    with pytest.raises(PlanNotLiveError):
        services.pause(plan_id=plan_id, by=BY, now=START)
    with pytest.raises(UnknownPlanError):
        services.end(plan_id=plan_id + 1, by=BY, now=START)
    only = services.create(definition=definition(), by=BY, now=START)
    with pytest.raises(NothingLeftError):
        services.discard_draft(plan_id=only, by=BY, now=START)


def test_the_database_refuses_to_change_what_is_live():
    plan_id = live()
    version = PlanVersion.objects.get(plan_id=plan_id)
    version.definition = {"name": {"en": "Forged"}}
    with pytest.raises(DatabaseError, match="update"), transaction.atomic():
        version.save()


def _version(plan_id: int, number: int, state: str) -> PlanVersion:
    return PlanVersion.objects.create(
        plan_id=plan_id, number=number, state=state, definition={}, edited_at=START
    )


def test_the_database_refuses_a_second_live_version():
    plan_id = live()
    with pytest.raises(IntegrityError), transaction.atomic():
        _version(plan_id, 9, "paused")


def test_the_database_refuses_a_second_draft():
    plan_id = live()
    _version(plan_id, 8, "draft")
    with pytest.raises(IntegrityError), transaction.atomic():
        _version(plan_id, 9, "draft")
