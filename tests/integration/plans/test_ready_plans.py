"""The ready plans are whole, polite and installed once."""

import pytest
from tests.integration.plans.makers import START

from huifang.delivery.queries import policy
from huifang.plans import checks, queries, services
from huifang.plans.errors import FaultyDefinitionError, UnknownPackError
from huifang.plans.readiness import checks_of
from huifang.plans.ready import ready_plans
from huifang.questionnaires.services import install_pack

pytestmark = pytest.mark.django_db


def test_every_ready_plan_can_go_live_as_it_is():
    install_pack(now=START)
    found = {ready.pack_name: checks.faults(ready.definition) for ready in ready_plans()}
    assert {"after-first-payment", "failed-payment", "two-days-after-a-payment"} <= found.keys()
    assert [name for name, faults in found.items() if faults] == []


def test_every_message_outside_the_app_names_the_sender_and_a_way_out():
    install_pack(now=START)
    services.install_pack(now=START, activate=False)
    for line in queries.plans():
        found = checks_of(line, others=[], policy=policy(), rehearsed=None, language="en")
        assert [check.text for check in found if check.kind != "good"] == [
            "Not rehearsed yet: nobody knows how many people it reaches."
        ]


def test_installing_again_adds_nothing_and_changes_nothing():
    install_pack(now=START)
    first = services.install_pack(now=START, activate=True)
    services.end(plan_id=first[0], by="person:1", now=START)
    assert services.install_pack(now=START, activate=True) == []
    assert queries.plan(plan_id=first[0]).state == "ended"


def test_without_their_questionnaires_nothing_is_installed_live():
    with pytest.raises(FaultyDefinitionError):
        services.install_pack(now=START, activate=True)
    assert queries.plans() == []


def test_an_unknown_ready_plan_is_refused():
    with pytest.raises(UnknownPackError):
        services.create_from_pack(pack_name="nothing", by="person:1", now=START)
