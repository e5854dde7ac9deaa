"""Rewards: once an answer whatever is retried, never beyond the budget or the pool, each line kept."""

import threading
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import ProgrammingError
from django.test import Client
from tests.integration.plans.makers import START, customer, enrolment, happen, live, work

from huifang.config import wiring
from huifang.kernel import audit, outbox
from huifang.kernel.models import OutboxEntry
from huifang.plans import lots, queries, services
from huifang.plans.errors import RewardNotVoidableError
from huifang.plans.models import CouponCode, Enrolment, Lot, PlanVersion, Reward, RewardBudget
from huifang.plans.rewards import path_of
from huifang.questionnaires.models import Invitation

HOUR = timedelta(hours=1)
NAME = {"en": "A coffee", "zh-Hans": "一杯咖啡"}
COFFEE = {"kind": "coupon", "name": NAME, "cost": 500}
POINTS = {"kind": "points", "name": {"en": "Points", "zh-Hans": "积分"}, "points": 100, "cost": 100}
NOTHING = {"kind": "nothing", "name": {"en": "Nothing", "zh-Hans": "谢谢参与"}}


def _incentive(**changes: Any) -> dict[str, Any]:
    return {"kind": "coupon", "prizes": [COFFEE], "budget": 10_000, **changes}


def _asked(name: str) -> int:
    """A customer who was asked; the number of the follow-up."""
    customer_id = customer(name)
    happen(name, at=START + HOUR)
    work(START + HOUR)
    return enrolment(customer_id).pk


def _answer(enrolment_id: int) -> None:
    services.note_response(invitation_key=f"enrolment:{enrolment_id}", at=START + HOUR, is_complete=True)


@pytest.mark.django_db
def test_an_answer_earns_once_whatever_is_told_again():
    plan_id = live(incentive=_incentive())
    number = _asked("here")
    services.note_response(invitation_key=f"enrolment:{number}", at=START + HOUR)
    assert Reward.objects.count() == 0
    for _ in range(3):
        _answer(number)
    Enrolment.objects.update(completed_at=None)  # as if the fact had been lost and told anew
    _answer(number)
    (reward,) = queries.rewards_of_plan(plan_id=plan_id, limit=9)
    assert (reward.state, reward.cost, len(reward.code)) == ("issued", 500, 12)
    assert queries.reward_report(plan_id=plan_id).spent == 500


@pytest.mark.django_db
def test_points_are_told_to_the_wallet_in_a_fact_of_their_own(monkeypatch: pytest.MonkeyPatch):
    told: list[Any] = []
    monkeypatch.setattr("huifang.plans.rewards.outbox", SimpleNamespace(record=told.append))
    live(incentive=_incentive(kind="points", prizes=[POINTS]))
    number = _asked("here")
    _answer(number)
    assert [(fact.key, fact.points, fact.kind) for fact in told] == [(f"enrolment:{number}", 100, "points")]


@pytest.mark.django_db
def test_a_code_is_in_no_fact_and_is_told_to_the_wallet_that_pays_it(monkeypatch: pytest.MonkeyPatch):
    live(incentive=_incentive())
    _answer(_asked("here"))
    (reward,) = Reward.objects.all()
    code = queries.reward_code(reward_id=reward.pk)
    assert len(code) == 12
    assert code not in str(list(OutboxEntry.objects.filter(fact_type="RewardIssued").values("payload")))
    told: list[Any] = []
    monkeypatch.setattr(wiring.delivery, "tell_webhooks", lambda **given: told.append(given["told"]))
    outbox.relay(now=START + timedelta(days=4000))
    (fact,) = [each for each in told if each.kind == "reward.issued"]
    assert fact.data["code"] == code
    services.void_reward(reward_id=reward.pk, by="person:1", now=START)
    assert queries.reward_code(reward_id=reward.pk) == ""


@pytest.mark.django_db
def test_the_budget_pays_for_the_last_reward_that_fits_and_for_none_after_it():
    plan_id = live(incentive=_incentive(budget=1000))
    for name in ("first", "second", "third"):
        _answer(_asked(name))
    report = queries.reward_report(plan_id=plan_id)
    assert (report.issued, report.spent, report.left, report.withheld) == (2, 1000, 0, {"budget_spent": 1})


@pytest.mark.django_db
def test_a_customer_gets_so_many_in_a_window_and_again_after_it():
    live(incentive=_incentive(window="P10D"), trigger={"event": "Payment Completed", "occurrence": "every"})
    first = _asked("here")
    _answer(first)
    again = START + timedelta(days=9)
    happen("here", at=again)
    Enrolment.objects.filter(state="waiting").update(state="ended", due_at=None)
    row = Enrolment.objects.get(pk=first)
    rows = [_copy(row, key) for key in ("second", "third")]
    services.note_response(invitation_key=f"enrolment:{rows[0].pk}", at=again, is_complete=True)
    services.note_response(
        invitation_key=f"enrolment:{rows[1].pk}", at=START + timedelta(days=11), is_complete=True
    )
    found = {row.enrolment_id: (row.state, row.reason) for row in Reward.objects.all()}
    assert found == {
        first: ("issued", ""),
        rows[0].pk: ("withheld", "limit_reached"),
        rows[1].pk: ("issued", ""),
    }


def _copy(row: Enrolment, key: str) -> Enrolment:
    row.pk, row.message_id, row.completed_at, row.state = None, key, None, "contacting"
    row.due_at = START
    row.save()
    return Enrolment.objects.get(message_id=key)


@pytest.mark.django_db
def test_a_pool_gives_each_code_once_and_says_when_it_is_empty():
    report = services.upload_codes(
        pool="coffee", codes=["AA-1", " AA-2 ", "AA-1", "", "x" * 201], by="person:1", now=START
    )
    assert (report.added, report.known, report.refused) == (2, 0, 1)
    assert services.upload_codes(pool="coffee", codes=["AA-2"], by="person:1", now=START).known == 1
    plan_id = live(incentive=_incentive(prizes=[{**COFFEE, "pool": "coffee"}]))
    for name in ("first", "second", "third"):
        _answer(_asked(name))
    rewards = queries.rewards_of_plan(plan_id=plan_id, limit=9)
    assert [(each.code, each.state, each.reason) for each in rewards] == [
        ("", "withheld", "pool_empty"),
        ("AA-2", "issued", ""),
        ("AA-1", "issued", ""),
    ]
    assert queries.coupon_pools()[0].left == 0
    assert queries.reward_report(plan_id=plan_id).spent == 1000


@pytest.mark.django_db
def test_codes_do_not_lie_in_the_database_in_clear():
    services.upload_codes(pool="coffee", codes=["SECRET-1"], by="person:1", now=START)
    assert b"SECRET-1" not in bytes(CouponCode.objects.get().sealed)


@pytest.mark.django_db
def test_a_lot_is_committed_to_before_it_draws_and_can_be_drawn_again_afterwards():
    prizes = [{**COFFEE, "weight": 1}, {**NOTHING, "weight": 3}]
    plan_id = live(incentive=_incentive(kind="random", prizes=prizes))
    for number in range(8):
        _answer(_asked(f"W-{number}"))
    version = PlanVersion.objects.get(plan_id=plan_id)
    with pytest.raises(RewardNotVoidableError):
        services.reveal_lot(version_id=version.pk, by="person:1", now=START)
    services.end(plan_id=plan_id, by="person:1", now=START + HOUR)
    seed = bytes.fromhex(services.reveal_lot(version_id=version.pk, by="person:1", now=START + HOUR))
    committed = [
        entry for entry in audit.entries(subject=f"plan:{plan_id}") if "lot_committed" in entry.action
    ]
    assert committed[0].facts["sha256"] == lots.commitment(seed) == Lot.objects.get().commitment
    drawn = {row.key: (row.draw, row.kind) for row in Reward.objects.all()}
    kinds = ("coupon", "nothing")
    assert drawn == {
        key: (lots.draw(seed, key, [1, 3])[0], kinds[lots.draw(seed, key, [1, 3])[1]]) for key in drawn
    }
    assert {kind for _, kind in drawn.values()} <= set(kinds)
    assert queries.reward_report(plan_id=plan_id).spent == 500 * sum(
        kind == "coupon" for _, kind in drawn.values()
    )


@pytest.mark.django_db
def test_a_void_reward_gives_its_cost_back_and_can_be_restored_while_there_is_budget():
    plan_id = live(incentive=_incentive(budget=500))
    _answer(_asked("first"))
    (reward,) = queries.rewards_of_plan(plan_id=plan_id, limit=9)
    services.void_reward(reward_id=reward.id, by="person:2", now=START, why="sent to the wrong person")
    assert queries.reward_report(plan_id=plan_id).spent == 0
    with pytest.raises(RewardNotVoidableError):
        services.void_reward(reward_id=reward.id, by="person:2", now=START)
    _answer(_asked("second"))
    with pytest.raises(RewardNotVoidableError):  # the budget has gone to another
        services.restore_reward(reward_id=reward.id, by="person:2", now=START)
    actions = [entry.action for entry in audit.entries(subject=f"plan:{plan_id}")]
    assert actions.count("reward.voided") == 1


@pytest.mark.django_db
def test_the_database_refuses_a_second_reward_an_overspent_budget_and_a_changed_line():
    live(incentive=_incentive())
    number = _asked("here")
    _answer(number)
    row = Reward.objects.get()
    row.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        RewardBudget.objects.update(spent=10_001)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Reward.objects.update(cost=1)
    with pytest.raises(ProgrammingError), transaction.atomic():
        Reward.objects.all().delete()


@pytest.mark.django_db
def test_the_invitation_leads_to_the_customers_page_which_is_calm_in_both_languages():
    live(incentive=_incentive(valid_days=3650))
    number = _asked("here")
    path = path_of(number)
    assert Invitation.objects.get(key=f"enrolment:{number}").thanks_path == path
    before = Client().get(path).content.decode()
    _answer(number)
    after = Client().get(f"{path}?l=en")
    (reward,) = queries.rewards_of_plan(plan_id=Reward.objects.get().plan_id, limit=9)
    assert reward.code not in before
    assert reward.code in after.content.decode()
    assert "A coffee" in after.content.decode()
    assert "<script" not in after.content.decode()
    assert after["Referrer-Policy"] == "no-referrer"
    assert "一杯咖啡" in Client().get(f"{path}?l=zh-Hans").content.decode()
    assert Client().get("/reward/nonsense").status_code == 404


@pytest.mark.django_db
def test_a_plan_without_an_incentive_promises_nothing():
    live()
    number = _asked("here")
    _answer(number)
    assert Invitation.objects.get(key=f"enrolment:{number}").thanks_path == ""
    assert Client().get(path_of(number)).status_code == 404
    assert Reward.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_many_answers_at_once_never_spend_more_than_the_budget():
    services.upload_codes(pool="coffee", codes=[f"C-{n}" for n in range(9)], by="person:1", now=START)
    plan_id = live(incentive=_incentive(budget=2500, prizes=[{**COFFEE, "pool": "coffee"}]))
    numbers = [_asked(f"W-{number}") for number in range(12)]

    def answer(mine: list[int]) -> None:
        for number in mine:
            _answer(number)
        connection.close()

    threads = [
        threading.Thread(target=answer, args=(numbers[start:] + numbers[:start],)) for start in (0, 4, 8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report = queries.reward_report(plan_id=plan_id)
    assert (report.issued, report.spent, report.withheld) == (5, 2500, {"budget_spent": 7})
    assert CouponCode.objects.exclude(reward_id=None).count() == 5
    assert Reward.objects.count() == 12
