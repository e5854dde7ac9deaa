"""Which machines an account may point to, however the address is written."""

import socket
from collections.abc import Iterator

import pytest

from huifang.kernel import http, outward


@pytest.fixture(autouse=True)
def _strict(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As a server that allows nothing inside."""
    monkeypatch.setattr(outward, "PRIVATE_PROVIDERS", [])
    monkeypatch.setattr(outward, "_trusted", set())
    http._client.cache_clear()
    yield
    http._client.cache_clear()


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a9fe:a9fe]/",
        "http://[2002:7f00:1::]/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "https://10.1.2.3:8443",
        "smtp://user:word@192.168.1.1:25",
        "smpp://172.16.0.9",
        "http://0.0.0.0/",
        "http://[fe80::1]/",
        "http://224.0.0.1/",
    ],
)
def test_what_lies_inside_is_refused(url: str) -> None:
    with pytest.raises(outward.AddressForbiddenError):
        outward.check(url)


@pytest.mark.parametrize(
    "url", ["https://8.8.8.8/", "http://[2606:4700::1111]/", "https://[bad", "", "mailto:x"]
)
def test_what_lies_outside_or_is_no_address_passes(url: str) -> None:
    outward.check(url)


def test_a_network_that_the_server_allows_is_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outward, "PRIVATE_PROVIDERS", ["10.1.0.0/16", "not a network"])
    outward.check("http://10.1.2.3/")
    with pytest.raises(outward.AddressForbiddenError):
        outward.check("http://10.2.0.1/")


def test_what_the_environment_names_is_trusted_at_that_port_alone() -> None:
    outward.trust("smtp://127.0.0.1:2500")
    outward.check("smtp://127.0.0.1:2500")
    with pytest.raises(outward.AddressForbiddenError):
        outward.check("smtp://127.0.0.1:2501")


def test_a_name_that_leads_inside_when_it_is_used_is_refused_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between the check and the use a name may change where it leads."""
    leads = iter(["8.8.8.8", "127.0.0.1"])

    def resolve(*_: object, **__: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(leads), 80))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    outward.check("http://rebinding.example/")
    with pytest.raises(outward.AddressForbiddenError):
        http.send(http.Request(method="GET", url="http://rebinding.example/", headers={}))


def test_of_a_name_with_inner_and_outer_addresses_only_the_outer_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, 80)) for each in ("10.0.0.1", "8.8.8.8")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert outward.addresses("mixed.example", 80) == ["8.8.8.8"]
