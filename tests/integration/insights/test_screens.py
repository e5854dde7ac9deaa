"""Today, Insights and the customer's page over one follow-up, and over nothing at all."""

from datetime import timedelta

import pytest
from django.test import Client
from tests.integration.plans.makers import START, customer, enrolment, happen, live, step, work

from huifang.api import services as api
from huifang.customers import queries as customers
from huifang.customers import services as customer_services
from huifang.delivery.models import Attempt
from huifang.insights import measures, rounds, timeline
from huifang.insights.records import MomentKind
from huifang.kernel import clock
from huifang.plans import services
from huifang.questionnaires import queries as questionnaires
from huifang.questionnaires.models import Answer, Invitation, Response
from huifang.questionnaires.records import Cut

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
NOW = START + 2 * DAY


@pytest.fixture
def reader(client: Client, django_user_model, monkeypatch: pytest.MonkeyPatch) -> Client:
    """A signed-in administrator, two days after the first payment."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    person = django_user_model.objects.create(email="shen@example.com", role="admin", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def follow_up(name: str, *, score: int | None, at=START + DAY, words: str = "") -> None:
    """One customer pays, is asked, and answers with *score*; None: does not answer."""
    customer_id = customer(name)
    happen(name, at=at)
    work(at)
    if score is None:
        return
    invitation = Invitation.objects.get(key=f"enrolment:{enrolment(customer_id).pk}")
    response = Response.objects.create(
        invitation=invitation,
        questionnaire_id=invitation.version.questionnaire_id,
        version_number=1,
        customer_id=customer_id,
        plan_id=invitation.plan_id,
        channel="in_app",
        mode="page",
        language="en",
        wallet_kind="soft",
        state="completed",
        low_score=score <= 2,
        has_text=bool(words),
        started_at=at + HOUR,
        completed_at=at + HOUR,
        last_answered_at=at + HOUR,
    )
    for place, kind in enumerate(("csat", "text")):
        Answer.objects.create(
            response=response,
            question_key=kind,
            place=place,
            kind=kind,
            metric="csat" if kind == "csat" else "",
            number=score if kind == "csat" else None,
            text=words if kind == "text" else "",
            answered_at=at + HOUR,
            questionnaire_id=response.questionnaire_id,
            customer_id=customer_id,
            plan_id=invitation.plan_id,
            channel="in_app",
        )


def cut(**more: object) -> Cut:
    """The two days of these tests."""
    return Cut(start=START, end=NOW, zone="UTC", **more)  # type: ignore[arg-type]


@pytest.mark.parametrize("path", ["/", "/insights/", "/insights/?days=84&plan=99&channel=sms"])
def test_an_empty_installation_says_what_will_be_here(reader: Client, path: str):
    assert reader.get(path).status_code == 200


def test_scores_stand_with_their_base_and_interval():
    live()
    for number, score in enumerate((5, 5, 4, 1, None)):
        follow_up(f"c{number}", score=score)
    (csat, nps, ces) = measures.scores(cut())
    assert csat.value is not None
    assert (csat.value.estimate, csat.value.base) == (0.75, 4)
    assert round(csat.value.low, 3) == 0.301
    assert (nps.value, ces.value) == (None, None)
    assert csat.before is None


def test_the_funnel_counts_each_step_of_those_invited():
    live()
    for number, score in enumerate((5, 2, None)):
        follow_up(f"c{number}", score=score)
    steps = {step.name: step.count for step in measures.funnel(cut())}
    assert steps == {"invited": 3, "reached": 0, "answered": 2, "completed": 2, "low": 1}


def test_tallies_are_told_apart_and_narrowed():
    plan_id = live()
    follow_up("c1", score=5)
    (tally,) = questionnaires.invitation_tallies(cut=cut(), by=("plan",))
    assert (tally.group, tally.invited) == ((str(plan_id),), 1)
    assert questionnaires.score_tallies(cut=cut(channel="sms")) == []
    assert len(questionnaires.score_tallies(cut=cut(wallet_kind="soft"), by=("day", "plan"))) == 1


def test_those_held_back_are_counted_by_reason():
    live()
    customer("silent", consent=False)
    happen("silent", at=START + DAY)
    (held,) = rounds.held_back(start=START, end=NOW)
    assert (held.reason, held.people) == ("no_consent", 1)


def test_today_shows_who_was_not_content_and_what_they_wrote(reader: Client):
    live()
    follow_up("c1", score=1, words="Nobody told me <b>anything</b>", at=NOW - 3 * HOUR)
    page = reader.get("/").content.decode()
    assert "1 customer was not content" in page
    assert "Nobody told me &lt;b&gt;anything&lt;/b&gt;" in page


def test_personal_data_in_what_customers_wrote_is_masked_on_screens(reader: Client):
    live()
    follow_up("c1", score=1, words="我叫王小明，请回电13800138000", at=NOW - 3 * HOUR)
    for path in ("/", "/customers/c1/", "/feedback/"):
        page = reader.get(path).content.decode()
        assert "我叫[姓名]，请回电[电话]" in page, path
        assert "13800138000" not in page, path


def test_a_paused_plan_waits_on_today(reader: Client):
    plan_id = live()
    services.pause(plan_id=plan_id, by="person:1", now=NOW)
    page = reader.get("/").content.decode()
    assert "First payment is paused" in page
    assert f"/plans/{plan_id}/" in page
    assert "Nobody enters it" in page
    assert "paused itself" not in page


def test_a_plan_that_paused_itself_says_on_today_why(reader: Client):
    plan_id = live()
    services.pause(plan_id=plan_id, by="breaker", now=NOW, why="refused")
    assert "It paused itself because too many customers said no." in reader.get("/").content.decode()


@pytest.mark.parametrize(
    ("free", "said"),
    [(20_000_000, "The disk is full"), (150_000_000, "The disk is nearly full"), (3_000_000_000, "")],
)
def test_today_tells_of_a_disk_that_fills_up(
    reader: Client, monkeypatch: pytest.MonkeyPatch, free: int, said: str
):
    monkeypatch.setattr("huifang.kernel.space.free_bytes", lambda: free)
    page = reader.get("/").content.decode()
    assert said in page if said else "The disk is" not in page


def test_the_line_of_time_holds_everything_in_order_of_time(reader: Client):
    live()
    follow_up("c1", score=2, words="太慢了")
    key = api.create_key(name="k", role="admin", by="test", now=NOW)
    reply = reader.get("/api/v1/customers/c1/timeline", headers={"authorization": f"Bearer {key}"})
    moments = reply.json()["moments"]
    assert [moment["at"] for moment in moments] == sorted(moment["at"] for moment in moments)
    kinds = {moment["kind"] for moment in moments}
    assert kinds == {"decision", "attempt", "answer", "consent"}


def test_older_moments_come_page_by_page():
    live()
    follow_up("c1", score=2)
    profile = customers.profile(external_id="c1")
    whole = timeline.of_customer(profile)
    first = timeline.of_customer(profile, limit=2)
    rest = timeline.of_customer(profile, before=first.moments[-1].at)
    assert first.has_more
    assert [*first.moments, *rest.moments] == whole.moments
    only = timeline.of_customer(profile, kinds=[MomentKind.ANSWER]).moments
    assert [moment.kind for moment in only] == [MomentKind.ANSWER]


def test_the_customers_page_says_why_and_why_not(reader: Client):
    live()
    follow_up("c1", score=2, words="太慢了")
    customer("silent", consent=False)
    happen("silent", at=START + DAY)
    assert "太慢了" in reader.get("/customers/c1/").content.decode()
    page = reader.get("/customers/silent/").content.decode()
    assert "they have not agreed to be asked" in page
    assert "no_consent" in page


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        (
            "failed",
            "unreachable",
            "no message went out. The last (In the app): The provider cannot be reached",
        ),
        ("withheld", "customer_refused", "no message went out. The last (In the app): Customer refused"),
        ("queued", "", "no provider has taken it yet"),
        ("delivered", "", "There is no answer yet"),
    ],
)
def test_the_headline_says_what_became_of_the_messages(reader: Client, state: str, reason: str, said: str):
    live()
    follow_up("c1", score=None)
    Attempt.objects.update(state=state, reason=reason, settled_at=NOW)
    page = reader.get("/customers/c1/").content.decode()
    assert said in page
    assert ("Why was this customer not contacted" in page) == (state in ("failed", "withheld"))


def test_a_reminder_that_went_out_makes_up_for_a_first_contact_that_did_not(reader: Client):
    live(steps=[step(), step(kind="reminder", after="P1D")])
    follow_up("c1", score=None, at=START + HOUR)
    work(START + DAY + 2 * HOUR)
    first, second = Attempt.objects.order_by("pk")
    Attempt.objects.filter(pk=first.pk).update(state="failed", reason="unreachable")
    Attempt.objects.filter(pk=second.pk).update(state="delivered")
    assert "There is no answer yet" in reader.get("/customers/c1/").content.decode()


def test_contacts_name_plans_in_the_readers_language(reader: Client):
    live()
    follow_up("c1", score=None)
    pages = {
        language: reader.get("/attempts/", headers={"accept-language": language}).content.decode()
        for language in ("zh-CN", "en")
    }
    assert ">首次支付</td>" in pages["zh-CN"]
    assert ">First payment</td>" in pages["en"]


@pytest.mark.parametrize(
    "query", ["?kind=event", "?kind=nonsense", "?plan=99", "?before=nonsense", "?plan=x"]
)
def test_the_customers_page_takes_any_query(reader: Client, query: str):
    live()
    follow_up("c1", score=2)
    assert reader.get(f"/customers/c1/{query}").status_code == 200


def test_a_plan_that_never_looked_at_the_customer_says_so(reader: Client):
    live()
    follow_up("c1", score=2)
    page = reader.get("/customers/c1/?plan=99").content.decode()
    assert "That plan has had no reason to look at this customer." in page
    assert "The reason is" not in page


def test_two_ids_that_became_one_are_not_told_as_a_change_of_mind(reader: Client):
    customer("kept")
    customer("gone")
    customer_services.merge_customers(kept="kept", gone="gone", by="person:1", now=NOW)
    page = reader.get("/customers/kept/").content.decode()
    assert "Two ids became one" in page
    assert "May be contacted again" not in page


def test_an_unknown_customer_is_not_found(reader: Client):
    assert reader.get("/customers/nobody/").status_code == 404
