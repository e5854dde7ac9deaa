"""The web's first steps, over a raw socket: bodies that are too long or unbounded, and invented addresses."""

import ipaddress
import json
import socket

import pytest
from axes.models import AccessAttempt
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from huifang.console.models import Person
from huifang.kernel import clock

pytestmark = pytest.mark.django_db(transaction=True)


def _say(live_server: LiveServer, head: str, body: bytes = b"") -> tuple[int, str, str]:
    """Status, headers and body of the answer to a request of which no more than this is ever sent."""
    host, port = live_server.thread.host, live_server.thread.port
    with socket.create_connection((host, port), timeout=60) as wire:
        wire.sendall(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        wire.shutdown(socket.SHUT_WR)
        headers, _, content = wire.makefile("rb").read().decode().partition("\r\n\r\n")
        return int(headers.split()[1]), headers.lower(), content


@pytest.mark.parametrize("path", ["/accounts/login/", "/customers/import/", "/hooks/sms/1/x/"])
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_a_stranger_cannot_send_more_than_a_form(live_server: LiveServer, path: str, kind: str) -> None:
    head = f"POST {path} HTTP/1.1\nHost: localhost\nContent-Type: {kind}\nContent-Length: 400000000"
    status, headers, body = _say(live_server, head, b"--x\r\nContent-Disposition: form-data")
    assert status == 413
    assert "text/html" in headers
    assert "at most 5 MB" in body


def test_the_api_says_it_as_a_problem(live_server: LiveServer) -> None:
    head = (
        "POST /api/v1/segments HTTP/1.1\nHost: localhost\nAuthorization: Bearer x\nContent-Length: 90000000"
    )
    status, headers, body = _say(live_server, head, b"{")
    assert "application/problem+json" in headers
    assert (status, json.loads(body)["code"]) == (413, "body_too_large")


@pytest.mark.parametrize("path", ["/accounts/login/", "/api/v1/segments"])
def test_a_body_in_chunks_is_not_begun(live_server: LiveServer, path: str) -> None:
    head = f"POST {path} HTTP/1.1\nHost: localhost\nTransfer-Encoding: chunked"
    status, headers, body = _say(live_server, head, b"5\r\nhello\r\n")
    assert status == 411
    assert "Content-Length" in body
    assert ("problem+json" in headers) == path.startswith("/api/")


def test_staff_may_bring_the_file_of_an_import(client: Client, settings) -> None:
    person = Person.objects.create(email="o@x.test", role="operations", date_joined=clock.now())
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

    def bring() -> HttpResponse:
        brought = SimpleUploadedFile("customers.csv", b"userId\n" * 400_000)
        return client.post("/customers/import/", {"file": brought})

    assert bring().status_code != 413
    settings.UPLOAD_BYTES_MAX = 2 * 1024 * 1024
    reply = bring()
    assert (reply.status_code, "at most 2 MB" in reply.content.decode()) == (413, True)


def test_guesses_of_a_password_are_counted_by_the_address_that_a_proxy_of_ours_names(
    client: Client, settings
) -> None:
    settings.TRUSTED_PROXIES = [ipaddress.ip_network("127.0.0.1")]
    wrong = {"login": "a@x.test", "password": "wrong-password"}
    client.post("/accounts/login/", wrong, headers={"X-Forwarded-For": "6.6.6.6, 198.51.100.7"})
    client.post("/accounts/login/", wrong, headers={"X-Forwarded-For": "6.6.6.6"}, REMOTE_ADDR="203.0.113.20")
    seen = set(AccessAttempt.objects.values_list("ip_address", flat=True))
    assert seen == {"198.51.100.7", "203.0.113.20"}
