"""Two persons for a plan that goes live, where the plan, what is live, or the installation wants it."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from tests.integration.plans.makers import START, definition, live

from huifang.api.services import create_key as make_key
from huifang.kernel import audit
from huifang.plans import queries, services
from huifang.plans.errors import ApprovalNeededError, NotAskedError, PersonNeededError, SamePersonError
from huifang.plans.models import Approval

pytestmark = pytest.mark.django_db
LATER = START + timedelta(hours=1)


def _draft(**changes):
    return services.create(definition=definition(**changes), by="person:1", now=START)


def _activate(plan_id, by: str = "person:1") -> None:
    services.activate(plan_id=plan_id, by=by, now=LATER)


def test_without_approval_such_a_plan_does_not_go_live():
    plan_id = _draft(needs_approval=True)
    assert queries.needs_approval(plan_id=plan_id)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)


def test_one_person_asks_and_another_agrees_and_both_are_audited():
    plan_id = _draft(needs_approval=True)
    with pytest.raises(NotAskedError):
        services.approve(plan_id=plan_id, by="person:2", now=START)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    services.ask_approval(plan_id=plan_id, by="person:3", now=START)  # the first asking stands
    with pytest.raises(SamePersonError):
        services.approve(plan_id=plan_id, by="person:1", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=LATER)
    _activate(plan_id)
    version = queries.versions(plan_id=plan_id)[0]
    assert version.approval is not None
    assert (version.approval.asked_by, version.approval.approved_by) == ("person:1", "person:2")
    assert (version.state, version.activated_by) == ("active", "person:1")
    actions = [entry.action for entry in reversed(audit.entries(subject=f"plan:{plan_id}"))]
    assert actions == ["plan.created", "plan.approval_asked", "plan.approved", "plan.activated"]


def test_a_changed_draft_is_asked_for_anew_and_an_unchanged_one_is_not():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=START)
    same = queries.plan(plan_id=plan_id).definition
    services.write_draft(plan_id=plan_id, definition=same, by="person:1", now=START)
    assert Approval.objects.exists()
    services.write_draft(
        plan_id=plan_id, definition=definition(needs_approval=True, priority=99), by="person:1", now=START
    )
    assert not Approval.objects.exists()
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)


def test_nobody_takes_the_need_away_alone():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=START)
    _activate(plan_id)
    services.write_draft(plan_id=plan_id, definition=definition(), by="person:1", now=LATER)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)


def test_a_key_may_ask_but_only_a_person_agrees():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    for program in ("api-key:ci", "system:pack"):
        with pytest.raises(PersonNeededError):
            services.approve(plan_id=plan_id, by=program, now=START)
    services.decline(plan_id=plan_id, by="person:2", why="", now=START)
    services.ask_approval(plan_id=plan_id, by="api-key:ci", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=START)
    _activate(plan_id, by="api-key:ci")


def test_nobody_agrees_to_what_they_asked_with_a_key_of_their_own():
    plan_id = _draft(needs_approval=True)
    make_key(name="ci", role="operations", by="person:2", now=START)
    services.ask_approval(plan_id=plan_id, by="api-key:ci", now=START)
    with pytest.raises(SamePersonError):
        services.approve(plan_id=plan_id, by="person:2", now=LATER)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id, by="api-key:ci")
    services.approve(plan_id=plan_id, by="person:3", now=LATER)
    _activate(plan_id, by="api-key:ci")


def test_nobody_takes_the_need_away_by_ending_the_plan():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=START)
    _activate(plan_id)
    services.end(plan_id=plan_id, by="person:1", now=LATER)
    services.write_draft(plan_id=plan_id, definition=definition(), by="person:1", now=LATER)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)
    first = queries.version(plan_id=plan_id, number=1)
    assert first.approval is not None and first.approval.approved_by == "person:2"


def test_what_was_agreed_to_a_draft_that_changed_stays_in_the_audit_log():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    services.approve(plan_id=plan_id, by="person:2", now=START)
    changed = definition(needs_approval=True, priority=99)
    services.write_draft(plan_id=plan_id, definition=changed, by="person:3", now=START)
    (entry,) = [
        each for each in audit.entries(subject=f"plan:{plan_id}") if each.action == "plan.approval_withdrawn"
    ]
    assert (entry.actor, entry.facts["asked_by"], entry.facts["approved_by"]) == (
        "person:3",
        "person:1",
        "person:2",
    )


def test_the_installation_may_want_it_of_every_plan(monkeypatch: pytest.MonkeyPatch):
    plan_id = _draft()
    monkeypatch.setattr("huifang.plans.settings.NEED_APPROVAL", True)
    with pytest.raises(ApprovalNeededError):
        _activate(plan_id)


def test_a_plan_that_needs_none_goes_live_by_one_person():
    assert queries.plan(plan_id=live()).state == "active"


def test_the_database_knows_that_they_are_two():
    plan_id = _draft(needs_approval=True)
    services.ask_approval(plan_id=plan_id, by="person:1", now=START)
    with pytest.raises(IntegrityError), transaction.atomic():
        Approval.objects.update(approved_by="person:1")


def test_two_versions_are_compared_part_by_part():
    plan_id = live()
    changed = definition(priority=60, conditions=[{"field": "region", "op": "is", "value": "CN"}])
    services.write_draft(plan_id=plan_id, definition=changed, by="person:1", now=LATER)
    changes = queries.changes(plan_id=plan_id, before=1, after=2)
    assert [(each.path, each.before, each.after) for each in changes] == [
        ("conditions.1", None, {"field": "region", "op": "is", "value": "CN"}),
        ("priority", 50, 60),
    ]
