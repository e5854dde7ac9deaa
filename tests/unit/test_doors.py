"""Whose address a request came from: what a proxy of ours says is believed, what others say is not."""

import pytest

from huifang.config import doors
from huifang.kernel import env

PROXIES = ["10.0.0.0/8", "127.0.0.1", "2001:db8::1"]


@pytest.fixture
def trusted(monkeypatch):
    monkeypatch.setenv("DOORS_TEST", ",".join(PROXIES))
    yield env.networks("DOORS_TEST", help="For this test.")
    del env.TABLE["DOORS_TEST"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "found"),
    [
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # no proxy of ours: its word counts for nothing
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),  # what the customer wrote itself
        ("127.0.0.1", "6.6.6.6, 198.51.100.1, 10.4.0.2", "198.51.100.1"),  # two proxies of ours
        ("127.0.0.1", "10.0.0.5, 10.4.0.2", "10.0.0.5"),
        ("127.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::1", "[2001:db8:7::5]:443", "2001:db8:7::5"),
        ("::ffff:10.1.1.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "6.6.6.6, unknown", "127.0.0.1"),
        ("127.0.0.1", "6.6.6.6, <script>", "127.0.0.1"),
        ("", "6.6.6.6", ""),
    ],
)
def test_the_callers_address(trusted, peer, forwarded, found):
    assert doors.caller(peer, forwarded, trusted=trusted) == found


def test_without_proxies_a_header_changes_nothing():
    assert doors.caller("127.0.0.1", "6.6.6.6", trusted=[]) == "127.0.0.1"


def test_what_is_no_network_is_refused_by_name(monkeypatch):
    monkeypatch.setenv("DOORS_TEST", "10.0.0.0/8 proxy.example.test")
    try:
        with pytest.raises(env.SettingError, match="DOORS_TEST"):
            env.networks("DOORS_TEST", help="For this test.")
    finally:
        env.TABLE.pop("DOORS_TEST", None)
