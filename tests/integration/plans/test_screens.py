"""The screens of plans: what each role sees, edits kept as a draft, acts, rehearsals."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import START, customer, definition, insert_event, live, step

from huifang.kernel import clock
from huifang.plans import queries, services
from huifang.plans.rehearsals import run
from huifang.questionnaires.queries import questionnaire_rows

pytestmark = pytest.mark.django_db


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch):
    """The screens' clock stands at a Monday morning."""
    monkeypatch.setattr(clock, "now", lambda: START + timedelta(days=3))
    return START + timedelta(days=3)


@pytest.fixture
def operator(client: Client, django_user_model) -> Client:
    """A signed-in operations manager."""
    person = django_user_model.objects.create(email="zhou@example.com", role="operations", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_list_offers_a_first_step(operator: Client, now):
    page = operator.get("/plans/")
    assert page.status_code == 200
    assert "No plans yet" in page.content.decode()


def test_a_plan_reads_as_a_sentence(operator: Client, now):
    plan_id = live(steps=[step(), step("sms", "reminder", "P1D")])
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "first pays" in text
    assert "in the app" in text
    assert "Live, v1" in text


def test_an_agent_does_not_see_plans(client: Client, django_user_model, now):
    person = django_user_model.objects.create(email="chen@example.com", role="agent", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    assert client.get("/plans/").status_code == 403


def test_a_viewer_reads_but_has_no_forms(client: Client, django_user_model, now):
    plan_id = live()
    person = django_user_model.objects.create(email="li@example.com", role="supervisor", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    text = client.get(f"/plans/{plan_id}/?edit=wait").content.decode()
    assert "hf-clause-form" not in text
    assert "Put v" not in text
    assert client.post(f"/plans/{plan_id}/edit/wait/", {"delay": "2 days"}).status_code == 403


def test_a_clause_opens_in_its_place_and_is_kept_as_a_draft(operator: Client, now):
    plan_id = live()
    assert "hf-clause-form" in operator.get(f"/plans/{plan_id}/?edit=wait").content.decode()
    operator.post(f"/plans/{plan_id}/edit/wait/", {"delay": "36 小时"})
    line = queries.plan(plan_id=plan_id)
    assert (line.live_version, line.draft_version) == (1, 2)
    assert line.definition.delay == timedelta(hours=36)


def test_a_clause_alone_comes_back_for_a_fragment_request(operator: Client, now):
    plan_id = live()
    text = operator.get(f"/plans/{plan_id}/?edit=wait", headers={"HX-Request": "true"}).content.decode()
    assert 'id="clause-wait"' in text
    assert "<html" not in text


def test_what_cannot_be_read_stays_in_the_form_with_its_fault(operator: Client, now):
    plan_id = live()
    page = operator.post(f"/plans/{plan_id}/edit/wait/", {"delay": "soon"})
    assert page.status_code == 422
    assert "Write a duration such as" in page.content.decode()
    assert queries.plan(plan_id=plan_id).draft_version is None


@pytest.mark.parametrize(
    ("clause", "data", "check"),
    [
        ("name", {"zh": "甲", "en": "A", "fallback": "en"}, lambda d: d.name["zh-Hans"] == "甲"),
        (
            "when",
            {"event": "Top Up Completed", "occurrence": "every", "amount": "¥1,000.50"},
            lambda d: d.trigger.amount_at_least == 1000.5,
        ),
        (
            "if",
            {"purpose": "service_follow_up", "field_0": "wallet_kind", "op_0": "is", "value_0": "hard"},
            lambda d: d.conditions[0].value == "hard",
        ),
        (
            "never",
            {"cooldown": "2周", "valid_for": "3 days", "priority": "70", "contact_class": "follow_up"},
            lambda d: d.cooldown == timedelta(days=14) and d.priority == 70,
        ),
        (
            "compare",
            {"holdout": "12.5", "sampling": "50"},
            lambda d: (d.holdout_basis_points, d.sampling_basis_points) == (1250, 5000),
        ),
        (
            "step-new",
            {
                "channel": "sms",
                "kind": "reminder",
                "after": "1 day",
                "body_zh": "{link}",
                "body_en": "{link}",
            },
            lambda d: d.steps[1].channel == "sms",
        ),
        (
            "step-1",
            {"channel": "email", "after": "0", "body_zh": "{link}", "body_en": "{link}", "subject_en": "Hi"},
            lambda d: d.steps[0].channel == "email" and d.steps[0].subject == {"en": "Hi"},
        ),
    ],
)
def test_every_clause_can_be_written(operator: Client, now, clause, data, check):
    plan_id = live()
    assert operator.get(f"/plans/{plan_id}/?edit={clause}").status_code == 200
    page = operator.post(f"/plans/{plan_id}/edit/{clause}/", data)
    assert page.status_code == 302, page.content.decode()[:200]
    assert check(queries.plan(plan_id=plan_id).definition)


def test_the_questionnaire_is_chosen_from_those_that_are_published(operator: Client, now):
    plan_id = live()
    other = next(row.id for row in questionnaire_rows() if row.slug == "ease-of-use")
    operator.post(f"/plans/{plan_id}/edit/ask/", {"questionnaire": other})
    assert queries.plan(plan_id=plan_id).definition.questionnaire_id == other


def test_a_step_can_be_taken_out(operator: Client, now):
    plan_id = live(steps=[step(), step("sms", "reminder", "P1D")])
    operator.post(f"/plans/{plan_id}/edit/step-1/", {"act": "remove"})
    (left,) = queries.plan(plan_id=plan_id).definition.steps
    assert (left.channel, left.kind) == ("sms", "first")


@pytest.mark.parametrize("clause", ["nothing", "step-0", "step-9", "step-x"])
def test_a_clause_that_is_not_there_is_not_found(operator: Client, now, clause: str):
    plan_id = live()
    assert operator.get(f"/plans/{plan_id}/?edit={clause}").status_code == 404
    assert operator.post(f"/plans/{plan_id}/edit/{clause}/", {}).status_code == 404


def test_a_draft_with_faults_cannot_go_live_and_says_why(operator: Client, now):
    plan_id = services.create(definition=definition(steps=[]), by="person:1", now=START)
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "there is no step yet" in text
    assert "Before v1 can go live" in text
    operator.post(f"/plans/{plan_id}/act/activate/")
    assert queries.plan(plan_id=plan_id).state == "draft"


def test_a_plan_is_put_live_paused_and_taken_up_again(operator: Client, now):
    plan_id = services.create(definition=definition(), by="person:1", now=START)
    for word, state in (("activate", "active"), ("pause", "paused"), ("resume", "active"), ("end", "ended")):
        operator.post(f"/plans/{plan_id}/act/{word}/")
        assert queries.plan(plan_id=plan_id).state == state


def test_a_ready_plan_and_a_blank_one_start_as_drafts(operator: Client, now):
    live()
    assert "After a failed payment" in operator.get("/plans/new/").content.decode()
    operator.post("/plans/new/", {"pack_name": "failed-payment"})
    operator.post("/plans/new/")
    assert sorted(line.state for line in queries.plans()) == ["active", "draft", "draft"]


def test_the_page_shows_what_each_clause_costs(operator: Client, now):
    plan_id = live()
    customer("lin")
    customer("wang", consent=False)
    for name in ("lin", "wang"):
        insert_event(name, at=START + timedelta(hours=1))
    services.rehearse(plan_id=plan_id, start=START, end=now, by="person:1", now=now)
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "<b>2</b> people" in text
    assert "<b>−1</b> person" in text
    assert 'data-chart="split"' in text
    record = queries.last_result(plan_id=plan_id, now=now)
    people = operator.get(f"/plans/{plan_id}/rehearsals/{record.id}/people/?reason=no_consent")
    assert "wang" in people.content.decode()
    assert "lin" not in people.content.decode().split("<main")[1]


def test_a_rehearsal_under_way_tells_how_far_it_is(operator: Client, now):
    plan_id = live()
    operator.post(f"/plans/{plan_id}/rehearse/")
    record = queries.last_rehearsal(plan_id=plan_id, now=now)
    path = f"/plans/{plan_id}/rehearsals/{record.id}/"
    assert "about to start" in operator.get(path).content.decode()
    run(rehearsal_id=record.id, now=now)
    done = operator.get(path, headers={"HX-Request": "true"})
    assert (done.status_code, done["HX-Refresh"]) == (204, "true")


def test_a_name_that_looks_like_markup_is_shown_as_it_is(operator: Client, now):
    plan_id = live(name={"en": "<script>alert(1)</script>", "zh-Hans": "甲"})
    text = operator.get(f"/plans/{plan_id}/").content.decode()
    assert "<script>alert(1)</script>" not in text
    assert "&lt;script&gt;" in text


def test_the_list_is_exported_with_what_became_of_each_plan(operator: Client, now):
    live()
    reply = operator.get("/plans/?export=csv")
    lines = b"".join(reply.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[0] == "plan,state,version,event,held_out,contacted,answered"
    assert lines[1].endswith(",active,1,Payment Completed,0,0,0")
