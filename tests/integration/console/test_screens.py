"""Which role opens which screen, in which language, under which policy."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from huifang.api.models import ApiKey
from huifang.console.models import Person
from huifang.kernel import audit, clock

EVERYONE = {
    "admin",
    "operations",
    "agent",
    "supervisor",
    "case_officer",
    "product_owner",
    "privacy_officer",
    "developer",
}
OPENS = {
    "console:settings": EVERYONE,
    "console:own": EVERYONE,
    "console:people": {"admin"},
    "console:invite": {"admin"},
    "console:roles": {"admin"},
    "console:audit": {"admin", "privacy_officer"},
    "console:outbox": {"admin", "operations", "developer"},
    "api-keys": {"admin", "developer"},
}


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_a_role_opens_its_screens_and_no_other(client_of: Callable[[str], Client], role: str) -> None:
    client = client_of(role)
    opened = {name for name in OPENS if client.get(reverse(name)).status_code == 200}
    refused = {name for name in OPENS if client.get(reverse(name)).status_code == 403}
    assert opened == {name for name, roles in OPENS.items() if role in roles}
    assert opened | refused == set(OPENS)


@pytest.mark.parametrize("role", sorted(EVERYONE))
def test_settings_lists_only_what_opens(client_of: Callable[[str], Client], role: str) -> None:
    client = client_of(role)
    urls = [section.url for section in client.get("/settings/").context["sections"]]
    assert [client.get(url).status_code for url in urls] == [200] * len(urls)


@pytest.mark.parametrize(
    "path",
    [
        "/settings/people/1/role/",
        "/settings/people/1/link/",
        "/settings/people/1/deactivate/",
        "/settings/people/1/reactivate/",
        "/settings/people/1/second-factor/",
        "/settings/audit/verify/",
        "/settings/outbox/retry/",
        "/settings/api-keys/revoke/",
    ],
)
def test_acts_are_refused_to_who_may_not(client_of: Callable[[str], Client], path: str) -> None:
    assert client_of("agent").post(path).status_code == 403


def test_nobody_opens_a_screen_without_signing_in(client: Client, db: None) -> None:
    assert {client.get(reverse(name)).status_code for name in OPENS} == {302}


def test_a_screen_is_kept_by_no_cache(client_of: Callable[[str], Client]) -> None:
    assert client_of("admin").get("/settings/people/").headers["Cache-Control"] == "private, no-store"


def test_the_policy_allows_nothing_inline(client_of: Callable[[str], Client]) -> None:
    policy = client_of("admin").get("/settings/").headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy


def test_the_language_switch_holds_for_the_machine_and_the_person(client_of: Callable[[str], Client]) -> None:
    client = client_of("agent")
    reply = client.post("/language/", {"language": "zh-Hans", "next": "/settings/you/"})
    assert reply.headers["Location"] == "/settings/you/"
    assert '<html lang="zh-Hans"' in client.get("/settings/").content.decode()
    assert Person.objects.get().language == "zh-Hans"


def test_the_persons_language_comes_before_the_browsers(client_of: Callable[[str], Client]) -> None:
    client = client_of("agent")
    Person.objects.update(language="zh-Hans")
    page = client.get("/settings/", headers={"Accept-Language": "en"})
    assert page.headers["Content-Language"] == "zh-hans"


@pytest.mark.parametrize("wanted", ["https://evil.test/", "//evil.test", "/\\evil.test", "javascript:1", ""])
def test_the_language_switch_never_leads_elsewhere(client: Client, db: None, wanted: str) -> None:
    assert client.post("/language/", {"language": "en", "next": wanted}).headers["Location"] == "/"


def test_one_chooses_zone_and_appearance(client_of: Callable[[str], Client]) -> None:
    client = client_of("admin")
    given = {"name": "Zhou Min", "language": "en", "time_zone": "America/New_York", "theme": "dark"}
    client.post("/settings/you/", given)
    audit.record(actor="system", action="test.noted", subject="test", at=clock.now())
    page = client.get("/settings/audit/").content.decode()
    assert 'data-bs-theme="dark"' in page
    assert "E" + "ST" in page or "E" + "DT" in page


def test_a_zone_that_does_not_exist_is_not_taken(client_of: Callable[[str], Client]) -> None:
    given = {"name": "Zhou Min", "language": "", "time_zone": "Moon/Crater", "theme": ""}
    assert "no such time zone" in client_of("agent").post("/settings/you/", given).content.decode()
    assert Person.objects.get().time_zone == ""


def test_a_list_gives_its_rows_as_a_fragment(client_of: Callable[[str], Client]) -> None:
    reply = (
        client_of("admin").get("/settings/people/?q=zhou", headers={"HX-Request": "true"}).content.decode()
    )
    assert "admin@spruce.test" in reply
    assert "<html" not in reply


def test_an_export_holds_what_the_list_shows(
    client_of: Callable[[str], Client], person_of: Callable[..., Person]
) -> None:
    client = client_of("admin")
    person_of("agent")
    reply = client.get("/settings/people/?role=agent&export=csv")
    lines = b"".join(reply).decode("utf-8-sig").splitlines()  # type: ignore[arg-type]
    assert lines[1:] == ["Zhou Min,agent@spruce.test,Call agent,"]


def test_a_view_is_saved_for_oneself_only(client_of: Callable[[str], Client]) -> None:
    client, other = client_of("admin"), client_of("privacy_officer")
    client.post("/views/", {"name": "Mine", "next": "/settings/audit/?q=person"})
    assert "/settings/audit/?q=person" in client.get("/settings/audit/").content.decode()
    assert "Mine" not in other.get("/settings/audit/").content.decode()


def test_the_audit_log_can_be_verified(client_of: Callable[[str], Client]) -> None:
    client = client_of("admin")
    audit.record(actor="system", action="test.noted", subject="test", at=clock.now())
    assert "The chain holds" in client.post("/settings/audit/verify/", follow=True).content.decode()


def test_a_key_is_shown_once_and_ends_at_once(client_of: Callable[[str], Client]) -> None:
    client = client_of("admin")
    made = client.post("/settings/api-keys/", {"name": "crm", "role": "supervisor"}).content.decode()
    key = made[made.index("hf_api_") :].split("<")[0]
    assert key not in client.get("/settings/api-keys/").content.decode()
    client.post("/settings/api-keys/revoke/", {"name": "crm"})
    assert "ended" in client.get("/settings/api-keys/").content.decode()
    again = client.post("/settings/api-keys/", {"name": "crm", "role": "supervisor"}).content.decode()
    assert "already an API key called crm" in again


def test_nobody_makes_a_key_that_may_do_more_than_they_may(client_of: Callable[[str], Client]) -> None:
    developer = client_of("developer")
    page = developer.post("/settings/api-keys/", {"name": "mine", "role": "admin"}).content.decode()
    assert "hf_api_" not in page
    assert not ApiKey.objects.exists()
    page = developer.post("/settings/api-keys/", {"name": "app", "role": "wallet_app"}).content.decode()
    assert "hf_api_" in page
