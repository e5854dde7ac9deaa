"""What people see when something was refused or is not there; and who may read the metrics."""

from collections.abc import Callable

import psycopg
import pytest
from django.db.utils import OperationalError
from django.test import Client

from huifang.console import services
from huifang.console.models import Person
from huifang.kernel import clock
from huifang.kernel.models import OutboxEntry


def test_a_stranger_gets_the_customers_page_without_scripts(client: Client, db: None) -> None:
    page = client.get("/no/such/page/")
    assert page.status_code == 404
    assert "survey.css" in page.content.decode()
    assert "<script" not in page.content.decode()


def test_staff_get_the_consoles_page(client_of: Callable[[str], Client]) -> None:
    page = client_of("agent").get("/settings/people/")
    assert page.status_code == 403
    assert "people.edit" in page.content.decode()
    assert "console.css" in page.content.decode()


def test_a_refused_fragment_is_a_message_for_the_top(client_of: Callable[[str], Client]) -> None:
    reply = client_of("agent").get("/settings/people/", headers={"HX-Request": "true"})
    assert (reply.status_code, reply.headers["HX-Retarget"]) == (403, "#messages")
    assert "<html" not in reply.content.decode()


def test_a_refusal_comes_back_to_the_form(client_of: Callable[[str], Client]) -> None:
    client = client_of("admin")
    admin = Person.objects.get()
    path = f"/settings/people/{admin.pk}/"
    reply = client.post(f"{path}deactivate/", headers={"Referer": f"http://testserver{path}"}, follow=True)
    assert "You cannot do this to yourself" in reply.content.decode()
    assert Person.objects.get().is_active


@pytest.mark.parametrize("back", ["https://evil.test/", "http://testserver.evil.test/", ""])
def test_a_refusal_never_leads_elsewhere(client_of: Callable[[str], Client], back: str) -> None:
    client = client_of("admin")
    reply = client.post(
        f"/settings/people/{Person.objects.get().pk}/deactivate/", headers={"Referer": back} if back else {}
    )
    assert reply.status_code == 409
    assert "own_account" in reply.content.decode()


def test_someone_unknown_is_not_found(client_of: Callable[[str], Client]) -> None:
    assert client_of("admin").get("/settings/people/999999/").status_code == 404


def test_a_mistake_of_ours_has_a_page(
    client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("admin")
    client.raise_request_exception = False
    monkeypatch.setattr("huifang.console.queries.roles", lambda: 1 / 0)
    reply = client.get("/settings/roles/")
    assert reply.status_code == 500
    assert "Something broke on our side" in reply.content.decode()
    assert "survey.css" in reply.content.decode()
    assert "ZeroDivisionError" not in reply.content.decode()


@pytest.mark.parametrize(
    ("language", "error", "said"),
    [
        ("en", psycopg.errors.DiskFull("could not extend file"), "There is no room left to store it."),
        ("zh-Hans", psycopg.errors.DiskFull("could not extend file"), "没有空间可以保存了"),
        ("en", psycopg.OperationalError("connection refused"), "The database cannot be reached."),
    ],
)
def test_where_nothing_can_be_stored_a_page_says_so_and_when_to_come_again(
    client_of: Callable[[str], Client],
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    error: Exception,
    said: str,
) -> None:
    client = client_of("admin")
    client.raise_request_exception = False
    client.cookies["huifang_language"] = language

    def fail() -> None:
        raise OperationalError from error

    monkeypatch.setattr("huifang.console.queries.roles", fail)
    reply = client.get("/settings/roles/")
    assert (reply.status_code, reply["Retry-After"]) == (503, "30")
    assert said in reply.content.decode()


def test_a_mistake_in_a_query_is_no_lack_of_space(
    client_of: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of("admin")
    client.raise_request_exception = False

    def fail() -> None:
        raise OperationalError from psycopg.errors.LockNotAvailable("a lock")

    monkeypatch.setattr("huifang.console.queries.roles", fail)
    assert client.get("/settings/roles/").status_code == 500


def test_on_a_full_disk_the_web_is_not_ready(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/readyz").status_code == 200
    monkeypatch.setattr("huifang.kernel.space.free_bytes", lambda: 1_000_000)
    reply = client.get("/readyz")
    assert (reply.status_code, reply.content) == (503, b"disk full\n")
    assert client.get("/healthz").status_code == 200


def test_parked_facts_are_seen_and_tried_again(client_of: Callable[[str], Client]) -> None:
    now = clock.now()
    OutboxEntry.objects.create(
        fact_type="CaseClosed",
        listener="enrol",
        payload={},
        recorded_at=now,
        due_at=now,
        attempts=12,
        is_parked=True,
        last_error="ValueError",
    )
    client = client_of("operations")
    assert "CaseClosed" in client.get("/settings/outbox/").content.decode()
    assert "1 fact is tried" in client.post("/settings/outbox/retry/", follow=True).content.decode()
    assert not OutboxEntry.objects.get().is_parked


def test_metrics_are_for_this_machine(client: Client, db: None) -> None:
    assert b"huifang_outbox_parked" in client.get("/metrics").content
    assert client.get("/metrics", REMOTE_ADDR="10.0.0.9").status_code == 404
    assert client.get("/metrics", headers={"X-Forwarded-For": "127.0.0.1"}).status_code == 404


def test_metrics_open_to_the_token_alone(client: Client, db: None, settings: object) -> None:
    settings.METRICS_TOKEN = "pine"  # type: ignore[attr-defined]
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer spruce"}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer pine"}).status_code == 200


def test_metrics_name_routes_and_never_tokens(client: Client, db: None) -> None:
    link = services.invite(email="chen@spruce.test", role="agent", by="cli", now=clock.now())
    path = link.partition("8000")[2]
    client.get(path)
    text = client.get("/metrics").content.decode()
    assert "invitations/<str:token>/" in text
    assert path.split("/")[2] not in text
