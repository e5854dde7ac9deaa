"""Signing in: by password, by a second factor, by invitation, in the demo; and who is kept out."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from axes.models import AccessLog
from django.contrib.sessions.models import Session
from django.core import mail
from django.core.cache import cache
from django.test import Client

from huifang.console import services
from huifang.console.models import Person
from huifang.kernel import clock
from huifang.kernel.ids import PersonId

NOW = datetime(2026, 11, 18, 2, 24, tzinfo=UTC)
PASSWORD = "spruce-needles-42"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
LOGIN = "/accounts/login/"


@pytest.fixture(autouse=True)
def _no_memory() -> None:
    cache.clear()


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> object:
    return client.post(LOGIN, {"login": email, "password": password, **more})


def code_now() -> str:
    return format_hotp_value(hotp_value(SECRET, next(iter(yield_hotp_counters_from_time()))))


def test_the_right_password_opens_the_console(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    assert sign_in(client, "Agent@Spruce.test").headers["Location"] == "/"  # type: ignore[attr-defined]
    assert client.get("/settings/").status_code == 200


def test_the_session_gets_a_new_name_at_sign_in(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    session = client.session
    session["seen"] = "before"
    session.save()
    before = session.session_key
    sign_in(client, "agent@spruce.test")
    assert client.session.session_key not in {before, None}


@pytest.mark.parametrize(
    "wanted", ["https://evil.test/", "//evil.test/x", "javascript:alert(1)", "/\\evil.test"]
)
def test_sign_in_never_leads_elsewhere(client: Client, person_of: Callable[..., Person], wanted: str) -> None:
    person_of("agent")
    assert sign_in(client, "agent@spruce.test", next=wanted).headers["Location"] == "/"  # type: ignore[attr-defined]


def test_sign_in_leads_back_to_the_page_that_was_asked_for(
    client: Client, person_of: Callable[..., Person]
) -> None:
    person_of("admin")
    asked = client.get("/settings/people/?q=chen")
    assert asked.headers["Location"] == "/accounts/login/?next=/settings/people/%3Fq%3Dchen"
    answered = sign_in(client, "admin@spruce.test", next="/settings/people/?q=chen")
    assert answered.headers["Location"] == "/settings/people/?q=chen"  # type: ignore[attr-defined]


def test_a_fragment_sends_the_whole_page_to_sign_in(client: Client, db: None) -> None:
    reply = client.get("/settings/people/", headers={"HX-Request": "true"})
    assert (reply.status_code, reply.headers["HX-Redirect"][:22]) == (204, "/accounts/login/?next=")


def test_eight_wrong_passwords_lock_the_person_out(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    person_of("admin")
    for spelling in ["agent@spruce.test", "AGENT@spruce.test"] * 4:
        last = sign_in(client, spelling, "wrong")
    assert last.status_code == 429  # type: ignore[attr-defined]
    assert "Too many tries" in last.content.decode()  # type: ignore[attr-defined]
    assert sign_in(client, "agent@spruce.test").status_code == 429  # type: ignore[attr-defined]
    assert sign_in(Client(), "admin@spruce.test").status_code == 302  # type: ignore[attr-defined]


def test_seven_wrong_passwords_do_not(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    for _ in range(7):
        sign_in(client, "agent@spruce.test", "wrong")
    assert sign_in(client, "agent@spruce.test").status_code == 302  # type: ignore[attr-defined]


def test_an_unknown_person_is_answered_like_a_wrong_password(
    client: Client, person_of: Callable[..., Person]
) -> None:
    person_of("agent")
    known = sign_in(client, "agent@spruce.test", "wrong").context["form"].errors  # type: ignore[attr-defined]
    unknown = sign_in(client, "ghost@spruce.test", "wrong").context["form"].errors  # type: ignore[attr-defined]
    assert known == unknown


def test_the_first_visit_says_how_somebody_may_sign_in_and_no_later_one(
    client: Client, person_of: Callable[..., Person], db: None
) -> None:
    assert "person create" in client.get(LOGIN).content.decode()
    person_of("agent")
    assert "person create" not in client.get(LOGIN).content.decode()


def test_nobody_signs_themselves_up(client: Client, db: None) -> None:
    given = {"email": "me@spruce.test", "password1": PASSWORD}
    client.post("/accounts/signup/", given)
    assert Person.objects.count() == 0


def test_ending_access_ends_open_sessions(client: Client, person_of: Callable[..., Person]) -> None:
    person = person_of("agent")
    sign_in(client, "agent@spruce.test")
    services.deactivate(person_id=PersonId(person.pk), by="cli", now=NOW)
    assert client.get("/settings/").status_code == 302


def test_a_new_password_ends_other_sessions(client: Client, person_of: Callable[..., Person]) -> None:
    person = person_of("agent")
    sign_in(client, "agent@spruce.test")
    link = services.renew_link(person_id=PersonId(person.pk), by="cli", now=clock.now())
    given = {"name": "Lin Xiao", "password": "pine-cones-17-x", "again": "pine-cones-17-x"}
    assert Client().post(link.partition("8000")[2], given).status_code == 302
    assert client.get("/settings/").status_code == 302


def test_an_invitation_leads_in_and_then_is_over(client: Client, db: None) -> None:
    link = services.invite(email="chen@spruce.test", role="agent", by="cli", now=clock.now())
    path = link.partition("8000")[2]
    page = client.get(path)
    assert (page.status_code, page.headers["Referrer-Policy"]) == (200, "same-origin")
    given = {"name": "Chen Yu", "password": PASSWORD, "again": PASSWORD}
    assert client.post(path, given).headers["Location"] == "/"
    assert client.get("/settings/you/").status_code == 200
    assert Client().get(path).status_code == 410
    assert Client().post(path, given).status_code == 410


@pytest.mark.parametrize(
    "given",
    [
        {"password": "short", "again": "short"},
        {"password": "1234567890", "again": "1234567890"},
        {"password": "chen@spruce.test", "again": "chen@spruce.test"},
        {"password": PASSWORD, "again": PASSWORD + "x"},
    ],
)
def test_a_poor_password_is_not_taken(client: Client, db: None, given: dict[str, str]) -> None:
    link = services.invite(email="chen@spruce.test", role="agent", by="cli", now=clock.now())
    reply = client.post(link.partition("8000")[2], {"name": "Chen Yu", **given})
    assert reply.context["form"].errors
    assert not Person.objects.get().has_usable_password()


def test_a_second_factor_is_asked_for_at_sign_in(client: Client, person_of: Callable[..., Person]) -> None:
    TOTP.activate(person_of("agent"), SECRET)
    assert sign_in(client, "agent@spruce.test").headers["Location"].startswith("/accounts/2fa/")  # type: ignore[attr-defined]
    assert client.get("/settings/").status_code == 302
    assert client.post("/accounts/2fa/authenticate/", {"code": "000000"}).status_code == 200
    assert client.get("/settings/").status_code == 302
    client.post("/accounts/2fa/authenticate/", {"code": code_now()})
    assert client.get("/settings/").status_code == 200


def test_a_role_that_needs_a_second_factor_opens_nothing_without(
    client: Client, person_of: Callable[..., Person]
) -> None:
    person = person_of("admin")
    services.require_second_factor(roles=frozenset({"admin"}), by="cli", now=NOW)
    sign_in(client, "admin@spruce.test")
    for path in ["/settings/", "/settings/people/", "/"]:
        assert client.get(path).headers["Location"] == "/accounts/2fa/totp/activate/"
    fragment = client.get("/settings/people/", headers={"HX-Request": "true"})
    assert fragment.headers["HX-Redirect"] == "/accounts/2fa/totp/activate/"
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200
    TOTP.activate(person, SECRET)
    assert client.get("/settings/people/").status_code == 200


def test_a_second_factor_is_changed_by_who_proves_themselves_again(
    client_of: Callable[[str], Client],
) -> None:
    """A session alone, left open on a desk, changes nothing."""
    client = client_of("agent")
    asked = client.get("/accounts/2fa/totp/activate/").headers["Location"]
    assert asked.startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert client.get("/accounts/2fa/totp/activate/").status_code == 200


def test_other_roles_go_on_without(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    services.require_second_factor(roles=frozenset({"admin"}), by="cli", now=NOW)
    sign_in(client, "agent@spruce.test")
    assert client.get("/settings/").status_code == 200


def test_the_demo_lets_one_in_by_role(client: Client, db: None, settings: object) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    assert b"/accounts/demo/operations/" in client.get(LOGIN).content
    assert client.post("/accounts/demo/operations/").headers["Location"] == "/"
    assert client.get("/settings/you/").context["request"].person.role == "operations"


def test_outside_a_demo_there_is_no_such_door(client: Client, db: None) -> None:
    assert b"/accounts/demo/" not in client.get(LOGIN).content
    assert client.post("/accounts/demo/admin/").status_code == 404
    assert Person.objects.count() == 0


def test_the_demo_door_is_not_opened_by_a_link(client: Client, db: None, settings: object) -> None:
    settings.IS_DEMO = True  # type: ignore[attr-defined]
    assert client.get("/accounts/demo/admin/").status_code == 405


def test_forms_of_others_are_refused(person_of: Callable[..., Person]) -> None:
    person_of("agent")
    strict = Client(enforce_csrf_checks=True)
    reply = strict.post(LOGIN, {"login": "agent@spruce.test", "password": PASSWORD})
    assert reply.status_code == 403
    assert "Load the page again" in reply.content.decode()


def test_a_forgotten_password_is_set_anew_by_mail(
    client: Client, person_of: Callable[..., Person], settings: object
) -> None:
    settings.EMAIL_URL = "smtp://127.0.0.1"  # type: ignore[attr-defined]
    person_of("agent")
    client.post("/accounts/password/reset/", {"email": "Agent@spruce.test"})
    (letter,) = mail.outbox
    path = re.search(r"http://testserver(\S+)", letter.body).group(1)  # type: ignore[union-attr]
    form = client.get(path, follow=True)
    given = {"password1": "pine-cones-17-x", "password2": "pine-cones-17-x"}
    client.post(form.redirect_chain[-1][0], given)
    assert Person.objects.get().check_password("pine-cones-17-x")
    assert client.get(path, follow=True).context["token_fail"]


def test_nobody_unknown_gets_mail(client: Client, db: None) -> None:
    reply = client.post("/accounts/password/reset/", {"email": "ghost@spruce.test"})
    assert reply.headers["Location"] == "/accounts/password/reset/done/"
    assert mail.outbox == []


def test_what_is_over_is_forgotten(client: Client, person_of: Callable[..., Person]) -> None:
    person_of("agent")
    sign_in(client, "agent@spruce.test", "wrong")
    sign_in(client, "agent@spruce.test")
    services.forget_what_is_over(now=clock.now())
    assert (AccessLog.objects.count(), Session.objects.count()) == (1, 1)
    services.forget_what_is_over(now=clock.now() + timedelta(days=91))
    assert (AccessLog.objects.count(), Session.objects.count()) == (0, 0)
