"""Open links: anybody answers, within limits, guarded against machines, and nobody is tracked."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from huifang.console.models import Person
from huifang.kernel import clock
from huifang.questionnaires import ballots, checks, links, queries, services
from huifang.questionnaires.errors import OpenLinkClosedError, OpenLinkTermsError, SlugTakenError
from huifang.questionnaires.models import AddressTally, Ballot, Response
from huifang.questionnaires.records import Definition, OpenLinkTerms, ResponseFilter

pytestmark = pytest.mark.django_db
FIRST = {"q": "score", "a.score": "9", "seed": "0123456789abcdef"}


def _definition(**more: object) -> Definition:
    return checks.convert(
        {
            "fallback_language": "en",
            "questions": [
                {"key": "score", "kind": "nps", "title": {"en": "Recommend?"}, "is_required": True},
                {"key": "call", "kind": "contact", "title": {"en": "May we call?"}},
                {"key": "words", "kind": "text", "title": {"en": "Why?"}},
            ],
            "hidden": [{"key": "till", "source": "link"}, {"key": "shop", "source": "signed_link"}],
            **more,
        }
    )


def _make(slug: str = "counter", definition: Definition | None = None, **terms: object) -> str:
    now = clock.now()
    made = services.create_questionnaire(
        slug=f"of-{slug}", name={"en": "Shop"}, by="test", now=now, definition=definition or _definition()
    )
    services.publish(questionnaire_id=made, by="test", now=now)
    links.create(
        questionnaire_id=made,
        slug=slug,
        terms=OpenLinkTerms(place="Pudong, till 3", **terms),  # type: ignore[arg-type]
        by="test",
        now=now,
    )
    return f"/q/{slug}"


def test_opening_records_nothing_and_answering_keeps_the_place(client: Client) -> None:
    link = _make()
    html = client.get(link).content.decode()
    assert "Recommend?" in html
    assert "Nobody asks who you are." in html
    assert not Response.objects.exists()
    address = client.post(link, FIRST)["Location"]
    html = client.get(address).content.decode()
    assert "Why?" in html
    assert "May we call?" not in html
    reply = client.post(address, {"q": "words", "a.words": "fine"}, follow=True)
    assert "Thank you." in reply.content.decode()
    (record,) = queries.responses(only=ResponseFilter(place="Pudong, till 3")).responses
    assert (record.channel, record.mode, record.customer_id, record.state) == (
        "open",
        "open",
        None,
        "completed",
    )
    assert links.link(slug="counter", now=clock.now()).response_count == 1


def test_pressing_twice_begins_one_response(client: Client) -> None:
    link = _make()
    addresses = {client.post(link, FIRST)["Location"] for _ in range(3)}
    assert len(addresses) == 1
    assert Response.objects.count() == 1
    assert links.link(slug="counter", now=clock.now()).response_count == 1


def test_a_token_of_one_link_opens_no_other(client: Client) -> None:
    token = client.post(_make(), FIRST)["Location"].split("?")[0].rsplit("/", 1)[1]
    other = _make("other")
    assert client.get(f"{other}/{token}").status_code == 404
    assert client.get(f"{other}/nonsense").status_code == 404
    assert client.get("/q/nowhere").status_code == 404


def test_a_link_takes_no_more_than_its_limit(client: Client) -> None:
    link = _make(responses_max=1)
    client.post(link, FIRST)
    reply = client.post(link, {**FIRST, "seed": "f" * 16})
    assert reply.status_code == 410
    assert Response.objects.count() == 1
    assert links.link(slug="counter", now=clock.now()).reason == "enough"


def test_opening_times_closing_and_opening_again(client: Client) -> None:
    now = clock.now()
    early = _make("early", opens_at=now + timedelta(hours=1))
    late = _make("late", opens_at=now - timedelta(hours=2), closes_at=now - timedelta(hours=1))
    assert [client.get(each).status_code for each in (early, late)] == [410, 410]
    for slug in ("early", "late"):
        with pytest.raises(OpenLinkClosedError):
            links.take_place(slug=slug, now=now)
    link = _make()
    links.turn(slug="counter", is_open=False, by="test", now=now)
    assert client.post(link, FIRST).status_code == 410
    links.turn(slug="counter", is_open=True, by="test", now=now)
    assert client.post(link, FIRST).status_code == 303


def test_terms_that_can_never_hold_and_a_taken_address_are_refused() -> None:
    now = clock.now()
    with pytest.raises(OpenLinkTermsError):
        _make("never", opens_at=now, closes_at=now)
    _make()
    with pytest.raises(SlugTakenError):
        links.create(
            questionnaire_id=queries.questionnaire_choices()[0].id,
            slug="counter",
            terms=OpenLinkTerms(),
            by="test",
            now=now,
        )


def test_a_machine_that_fills_the_hidden_field_is_thanked_and_kept_out(client: Client) -> None:
    reply = client.post(_make(), {**FIRST, "website": "http://spam.test"})
    assert "Thank you." in reply.content.decode()
    assert not Response.objects.exists()


def test_an_address_begins_so_many_an_hour_and_is_forgotten_after_it(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "BEGUN_AN_HOUR_MAX", 2)
    link = _make()
    statuses = [client.post(link, {**FIRST, "seed": f"{number:016x}"}).status_code for number in range(3)]
    assert statuses == [303, 303, 429]
    with connection.cursor() as cursor:
        cursor.execute("SELECT encode(id, 'escape') FROM questionnaires_addresstally")
        assert all("127.0.0.1" not in row[0] for row in cursor.fetchall())
    invented = {"X-Forwarded-For": "198.51.100.9"}
    assert client.post(link, FIRST, headers=invented).status_code == 429
    assert links.sweep_addresses(now=clock.now() + timedelta(hours=2)) == 1
    assert not AddressTally.objects.exists()


def test_a_device_is_asked_once_where_the_link_says_so_and_may_be_handed_on(client: Client) -> None:
    link = _make(is_once_a_device=True)
    address = client.post(link, FIRST)["Location"]
    done = client.post(address, {"q": "words", "skip": "words"}, follow=True)
    assert done.client.cookies["answered-counter"].value == "1"
    assert "This device has answered already." in client.get(link).content.decode()
    assert "Recommend?" in client.get(link, {"again": "1"}).content.decode()


def test_no_cookie_without_that_wish(client: Client) -> None:
    address = client.post(_make(), FIRST)["Location"]
    client.post(address, {"q": "words", "skip": "words"}, follow=True)
    assert not client.cookies


def test_only_fields_that_are_named_and_signed_where_they_must_be_are_kept(client: Client) -> None:
    link = _make()
    signature = links.sign(slug="counter", fields={"shop": "17"})
    cases = [
        ({"till": "3", "shop": "17", "sig": signature, "evil": "x"}, {"till": "3", "shop": "17"}),
        ({"till": "3", "shop": "18", "sig": signature}, {"till": "3"}),
        ({"shop": "17"}, {}),
    ]
    for number, (query, kept) in enumerate(cases):
        client.post(
            link + "?" + "&".join(f"{k}={v}" for k, v in query.items()), {**FIRST, "seed": f"{number:016x}"}
        )
        assert Response.objects.order_by("-pk")[0].context == kept


def test_an_anonymous_questionnaire_keeps_nothing_of_the_link(client: Client) -> None:
    questions = [{"key": "score", "kind": "nps", "title": {"en": "Recommend?"}}]
    definition = checks.convert({"fallback_language": "en", "questions": questions, "is_anonymous": True})
    link = _make(definition=definition)
    for number in range(5):
        html = client.get(link).content.decode()
        ballot = html.split('name="ballot" value="')[1].split('"')[0]
        client.post(link, {"q": "score", "a.score": str(number), "ballot": ballot})
    assert Ballot.objects.count() == 5
    assert ballots.mix(now=clock.now()) == 5
    assert set(Response.objects.values_list("open_link", "place", "channel")) == {(None, "", "")}


@pytest.fixture
def staff(client: Client) -> Client:
    person = Person.objects.create(email="o@x.test", role="operations", date_joined=clock.now())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_staff_make_print_close_and_open_a_link(staff: Client) -> None:
    _make()
    number = queries.questionnaire_choices()[0].id
    staff.post(f"/questionnaires/{number}/links/new/", {"slug": "desk-2", "place": "Desk 2"})
    html = staff.get(f"/questionnaires/{number}/links/").content.decode()
    assert "desk-2" in html
    assert "Pudong, till 3" in html
    svg = staff.get("/questionnaires/links/desk-2/code.svg")
    assert svg["Content-Type"] == "image/svg+xml"
    assert b"<svg" in svg.content
    assert staff.get("/questionnaires/links/desk-2/code.png").content.startswith(b"\x89PNG")
    poster = staff.get("/questionnaires/links/desk-2/poster/").content.decode()
    assert "/q/desk-2" in poster
    staff.post("/questionnaires/links/desk-2/turn/", {"open": "no"})
    assert links.link(slug="desk-2", now=clock.now()).reason == "closed"
