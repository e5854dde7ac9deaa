"""Triggers, quotas, rewards and the breaker are written on the screen, and nothing typed is lost."""

from datetime import UTC, datetime, time, timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from tests.integration.plans.makers import START, customer, definition, live, step

from huifang.kernel import clock
from huifang.plans import clauses, queries, ready, services
from huifang.plans.records import Quota, QuotaCell, QuotaPer, Repeat, TriggerKind

pytestmark = pytest.mark.django_db
INCENTIVE = {
    "kind": "coupon",
    "kind_0": "coupon",
    "zh_0": "五元券",
    "en_0": "Five off",
    "cost_0": "5",
    "pool_0": "five",
    "weight_0": "1",
    "budget": "1,000.00",
    "currency": "CNY",
    "per_customer": "1",
    "window": "52 weeks",
    "valid_days": "30",
}


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch):
    """The screens' clock stands at a Monday morning."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=3))
    return START + timedelta(days=3)


@pytest.fixture
def operator(client: Client, django_user_model) -> Client:
    """A signed-in operations manager, who reads English."""
    person = django_user_model.objects.create(email="zhou@example.com", role="operations", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def kept(plan_id):
    """The draft as it stands."""
    return queries.plan(plan_id=plan_id).definition


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"kind": "event", "event": "Top Up Completed", "occurrence": "every"}, "tops up"),
        (
            {"kind": "date", "trait": "birthday", "offset_days": "-7", "repeat": "yearly", "at": "09:30"},
            "has 7 days to their “birthday”, each year",
        ),
        ({"kind": "date", "trait": "registered_at", "offset_days": "1", "repeat": "once"}, "is 1 day past"),
        ({"kind": "pulse", "period": "quarter", "pulse_at": "12:00"}, "has their day of the quarter"),
        ({"kind": "pulse", "period": "days", "every_days": "45"}, "has their day, every 45 days"),
        ({"kind": "list", "list_per_day_max": "200"}, "at most 200 people a day"),
        ({"kind": "fact", "fact": "case_closed"}, "it waits for cases, which this product does not have yet"),
    ],
)
def test_each_kind_of_trigger_is_written_and_read(operator: Client, now, data, says):
    plan_id = live()
    reply = operator.post(f"/plans/{plan_id}/edit/when/", data)
    assert reply.status_code == 302, reply.content.decode()[:400]
    assert kept(plan_id).trigger.kind == data["kind"]
    assert says in operator.get(f"/plans/{plan_id}/").content.decode()


def test_a_date_keeps_its_hour_and_how_often(operator: Client, now):
    plan_id = live()
    data = {"kind": "date", "trait": "birthday", "offset_days": "0", "repeat": "once", "at": "09:30"}
    operator.post(f"/plans/{plan_id}/edit/when/", data)
    trigger = kept(plan_id).trigger
    assert (trigger.at, trigger.repeat, trigger.event) == (time(9, 30), Repeat.ONCE, "")


def test_the_start_of_a_campaign_is_by_the_clock_of_the_reader(operator: Client, now, settings):
    settings.STAFF_TIME_ZONE = "Asia/Shanghai"
    plan_id = live()
    operator.post(f"/plans/{plan_id}/edit/when/", {"kind": "list", "list_starts_at": "2025-03-20T09:00"})
    assert kept(plan_id).trigger.starts_at == datetime(2025, 3, 20, 1, 0, tzinfo=UTC)
    assert 'value="2025-03-20T09:00"' in operator.get(f"/plans/{plan_id}/?edit=when").content.decode()


def test_what_another_kind_was_given_cannot_be_wrong(operator: Client, now):
    plan_id = live()
    data = {"kind": "pulse", "period": "quarter", "amount": "much", "offset_days": "9999"}
    assert operator.post(f"/plans/{plan_id}/edit/when/", data).status_code == 302
    assert kept(plan_id).trigger.kind is TriggerKind.PULSE


@pytest.mark.parametrize(
    ("clause", "data", "typed", "said"),
    [
        ("when", {"kind": "segment", "per_day_max": "77"}, 'value="77"', "cannot be left empty"),
        ("when", {"kind": "event", "event": "", "amount": "12"}, 'value="12"', "cannot be left empty"),
        ("quota", {"limit_0": "0", "only_0": "hard"}, 'value="hard"', "Say of what"),
        ("thank", {**INCENTIVE, "cost_0": "5.005"}, 'value="5.005"', "two decimals at most"),
        ("thank", {**INCENTIVE, "budget": ""}, 'value="五元券"', "say how much in all"),
        ("thank", {"kind": "random", "budget": "3"}, 'value="3"', "Name at least one prize"),
        ("stop", {"failed": "120", "refused": "5", "base_min": "7", "window": "1 day"}, "120", "100"),
        (
            "if",
            {"purpose": "service_follow_up", "op_0": "is", "value_0": "hard"},
            'value="hard"',
            "Say what this is compared with.",
        ),
    ],
)
def test_a_refused_form_says_why_and_keeps_what_was_typed(operator: Client, now, clause, data, typed, said):
    plan_id = live()
    reply = operator.post(f"/plans/{plan_id}/edit/{clause}/", data)
    text = reply.content.decode()
    assert reply.status_code == 422
    assert typed in text
    assert said in text
    assert queries.plan(plan_id=plan_id).draft_version is None


def test_quotas_are_written_in_rows(operator: Client, now):
    plan_id = live()
    rows = {"limit_0": "400", "of_0": "answers", "per_0": "quarter", "cell_0": "all"}
    rows |= {"limit_1": "50", "of_1": "people", "per_1": "day", "cell_1": "wallet_kind", "only_1": "hard"}
    assert operator.post(f"/plans/{plan_id}/edit/quota/", rows).status_code == 302
    first, second = kept(plan_id).quotas
    assert first == Quota(limit=400, per=QuotaPer.QUARTER)
    assert (second.cell, second.only) == (QuotaCell.WALLET_KIND, "hard")
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "400 answers a quarter" in text
    assert "50 people asked a day, of “Hard wallet”" in text


def test_an_incentive_is_written_in_money_and_kept_in_hundredths(operator: Client, now):
    plan_id = live()
    assert operator.post(f"/plans/{plan_id}/edit/thank/", INCENTIVE).status_code == 302
    incentive = kept(plan_id).incentive
    assert (incentive.budget, incentive.prizes[0].cost, incentive.prizes[0].pool) == (100_000, 500, "five")
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "Five off" in text
    assert "1,000.00 CNY" in text
    operator.post(f"/plans/{plan_id}/edit/thank/", {"kind": "none"})
    assert kept(plan_id).incentive is None


def test_the_breaker_and_the_second_person_are_written(operator: Client, now):
    plan_id = live()
    data = {"is_on": "on", "failed": "12.5", "refused": "2", "base_min": "50", "window": "6 hours"}
    operator.post(f"/plans/{plan_id}/edit/stop/", {**data, "needs_approval": "on"})
    breaker = kept(plan_id).breaker
    assert (breaker.failed_basis_points, breaker.refused_basis_points, breaker.base_min) == (1250, 200, 50)
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "12.5%" in text
    assert "a second person" in text


def test_a_notice_may_come_first_and_what_it_announces_is_the_first_contact(operator: Client, now):
    plan_id = live(steps=[step()])
    body = {
        "channel": "sms",
        "after": "0",
        "kind": "notice",
        "body_zh": "稍后见",
        "body_en": "We write soon",
    }
    operator.post(f"/plans/{plan_id}/edit/step-1/", body)
    follow = {"channel": "in_app", "after": "2 hours", "kind": "", "body_zh": "{link}", "body_en": "{link}"}
    operator.post(f"/plans/{plan_id}/edit/step-new/", follow)
    assert [each.kind.value for each in kept(plan_id).steps] == ["notice", "first"]
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "them with a notice" in text


def test_what_stops_a_plan_stands_beside_the_clause_that_mends_it(operator: Client, now):
    plan_id = services.create(definition=definition(steps=[]), by="person:1", now=START)
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    clause = text.split('id="clause-contact"')[1].split("</li>")[0]
    assert "there is no step yet" in clause
    assert "?edit=step-new" in clause


@pytest.mark.parametrize(
    "clause", ["when", "wait", "if", "ask", "thank", "never", "quota", "compare", "stop"]
)
def test_every_clause_opens_in_its_place_without_the_rest_of_the_page(operator: Client, now, clause):
    plan_id = live()
    reply = operator.get(f"/plans/{plan_id}/?edit={clause}", headers={"HX-Request": "true"})
    text = reply.content.decode()
    assert f'id="clause-{clauses.place_of(clause)}"' in text
    assert "hf-clause-form" in text
    assert "<html" not in text


def test_customers_are_put_on_the_list_and_wrong_ids_come_back(operator: Client, now):
    plan_id = live()
    operator.post(f"/plans/{plan_id}/edit/when/", {"kind": "list"})
    customer("lin")
    customer("wang")
    reply = operator.post(f"/plans/{plan_id}/customers/", {"text": "lin, wang\nnobody lin"})
    text = reply.content.decode()
    assert "<b>2</b> customers were added" in text
    assert "1 was given twice" in text
    assert ">\nnobody</textarea>" in text.replace("\r", "")
    again = operator.post(f"/plans/{plan_id}/customers/", {"text": "lin"}).content.decode()
    assert "1 was there already" in again


@pytest.mark.parametrize(
    ("data", "added"),
    [
        ("客户号,备注\r\nlin,甲\r\n".encode("gb18030"), 1),
        (b"\xef\xbb\xbfexternal_id\nlin\nwang\n", 2),
        ("lin\n".encode("utf-16"), 1),
    ],
)
def test_a_file_of_ids_is_read_in_the_encodings_that_spreadsheets_write(operator: Client, now, data, added):
    plan_id = live()
    customer("lin")
    customer("wang")
    reply = operator.post(f"/plans/{plan_id}/customers/", {"file": SimpleUploadedFile("ids.csv", data)})
    assert f"<b>{added}</b> customer" in reply.content.decode()


@pytest.mark.parametrize("data", [b"\x00\x01\x02PK", b"\xff\xfe\x00", b"\x81"])
def test_a_file_that_is_no_text_is_refused_in_words(operator: Client, now, data):
    plan_id = live()
    reply = operator.post(f"/plans/{plan_id}/customers/", {"file": SimpleUploadedFile("x.csv", data)})
    assert reply.status_code == 422
    assert "hf-error" in reply.content.decode()


def test_one_click_installs_a_ready_plan_once(operator: Client, now):
    first = operator.post("/plans/new/", {"pack_name": "large-payment"})
    again = operator.post("/plans/new/", {"pack_name": "large-payment"})
    assert first["Location"] == again["Location"]
    assert len(queries.plans()) == 1
    operator.post("/plans/new/", {"pack_name": "large-payment", "act": "another"})
    assert len(queries.plans()) == 2
    assert "After a case is closed" in operator.get("/plans/new/").content.decode()


def test_the_whole_pack_goes_in_with_one_click(operator: Client, now):
    operator.post("/plans/pack/")
    operator.post("/plans/pack/")
    assert {line.state.value for line in queries.plans()} == {"draft"}
    assert len(queries.plans()) == len(ready.ready_plans()) == 11


def test_a_ready_plan_shows_every_text_before_it_is_installed(operator: Client, now):
    text = operator.get("/plans/pack/suspicious-activity/").content.decode()
    assert "never ask for a password" in text
    assert "工号" in text
    assert operator.get("/plans/pack/nothing/").status_code == 404


def test_two_versions_stand_side_by_side(operator: Client, now):
    plan_id = live(steps=[step()])
    operator.post(f"/plans/{plan_id}/edit/wait/", {"delay": "36 hours"})
    text = operator.get(f"/plans/{plan_id}/versions/?a=1&b=2").content.decode()
    assert "1 part differs" in text
    assert "<ins>36 hours, then for their contact hours</ins>" in text
    assert "<del>no longer than for their contact hours</del>" in text


def test_a_discarded_draft_is_taken_back(operator: Client, now):
    plan_id = live()
    operator.post(f"/plans/{plan_id}/edit/wait/", {"delay": "36 hours"})
    operator.post(f"/plans/{plan_id}/discard/")
    assert queries.plan(plan_id=plan_id).draft_version is None
    assert "Take it back" in operator.get(f"/plans/{plan_id}/").content.decode()
    operator.post(f"/plans/{plan_id}/undo/")
    assert kept(plan_id).delay == timedelta(hours=36)
    operator.post(f"/plans/{plan_id}/undo/")
    assert queries.plan(plan_id=plan_id).draft_version == 2


def test_the_list_is_filtered_by_what_starts_a_plan_and_by_class(operator: Client, now):
    operator.post("/plans/pack/")
    text = operator.get("/plans/?class=security").content.decode()
    assert "Suspicious activity" in text
    assert "Quarterly pulse" not in text
    text = operator.get("/plans/?starts=pulse").content.decode()
    assert "Quarterly pulse" in text
    assert "Suspicious activity" not in text
