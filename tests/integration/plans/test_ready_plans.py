"""The ready plans are whole, polite, installed once and can be gone back to."""

from datetime import timedelta

import pytest
from tests.integration.plans.makers import START, live

from huifang.customers.queries import segment
from huifang.delivery.queries import policy
from huifang.plans import checks, queries, ready, services
from huifang.plans.errors import NotFromPackError, UnknownPackError
from huifang.plans.readiness import checks_of
from huifang.questionnaires.queries import questionnaire_rows

pytestmark = pytest.mark.django_db


def test_every_ready_plan_that_starts_by_itself_can_go_live_as_it_is():
    services.install_pack(now=START, activate=True)
    states = {each.pack_name: queries.plan(plan_id=each.plan_id).state for each in ready.ready_plans()}
    assert {name for name, state in states.items() if state == "draft"} == {
        "going-quiet",
        "after-case-closed",
    }
    assert list(states.values()).count("active") == 9


def test_the_pack_brings_its_questionnaires_along():
    services.install_pack(now=START, activate=False)
    published = {row.slug for row in questionnaire_rows()}
    assert {each.questionnaire for each in ready.ready_plans()} <= published
    assert all(each.definition.questionnaire_id for each in ready.ready_plans())


def test_every_message_outside_the_app_names_the_sender_and_a_way_out():
    services.install_pack(now=START, activate=False)
    for line in queries.plans():
        found = checks_of(line, others=[], policy=policy(), rehearsed=None, language="en")
        assert [check.text for check in found if "sender" in check.text and check.kind != "good"] == []
        assert [check.text for check in found if "way out" in check.text and check.kind != "good"] == []


def test_installing_again_adds_nothing_and_changes_nothing():
    first = services.install_pack(now=START, activate=True)
    services.end(plan_id=first[0], by="person:1", now=START)
    assert services.install_pack(now=START, activate=True) == []
    assert queries.plan(plan_id=first[0]).state == "ended"
    assert len(queries.plans()) == 11


def test_one_click_twice_opens_the_plan_that_is_there():
    made = ready.install_one(pack_name="large-payment", by="person:1", now=START)
    assert ready.install_one(pack_name="large-payment", by="person:1", now=START) == made
    assert [line.id for line in queries.plans()] == [made]
    assert checks.faults(queries.plan(plan_id=made).definition) == []


def test_another_plan_from_the_same_ready_one_stands_beside_it():
    made = ready.install_one(pack_name="large-payment", by="person:1", now=START)
    other = services.create_from_pack(pack_name="large-payment", by="person:1", now=START)
    assert other != made
    assert ready.origin_of(plan_id=other) is None


def test_an_edited_plan_goes_back_to_its_ready_text_as_a_draft_only():
    made = ready.install_one(pack_name="third-day", by="person:1", now=START)
    services.activate(plan_id=made, by="person:1", now=START)
    changed = ready.ready_plan(pack_name="third-day").definition
    services.write_draft(
        plan_id=made,
        definition=type(changed)(name=changed.name, delay=timedelta(days=9)),
        by="person:1",
        now=START,
    )
    ready.restore(plan_id=made, by="person:1", now=START)
    line = queries.plan(plan_id=made)
    assert (line.live_version, line.draft_version) == (1, 2)
    assert line.definition == changed


def test_a_plan_of_ones_own_has_no_ready_text():
    with pytest.raises(NotFromPackError):
        ready.restore(plan_id=live(), by="person:1", now=START)


def test_an_unknown_ready_plan_is_refused():
    with pytest.raises(UnknownPackError):
        services.create_from_pack(pack_name="nothing", by="person:1", now=START)


def test_a_campaign_of_the_pack_brings_its_segment_once_and_can_then_go_live():
    made = ready.install_one(pack_name="going-quiet", by="person:1", now=START)
    other = services.create_from_pack(pack_name="going-quiet", by="person:1", now=START)
    first, second = (queries.plan(plan_id=each).definition for each in (made, other))
    assert first.trigger.segment_id == second.trigger.segment_id
    assert segment(segment_id=first.trigger.segment_id).name == "三十天没有动静"
    assert checks.faults(first) == []
