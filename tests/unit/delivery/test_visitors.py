"""Who opened a link: a person, or a program that looks at every link."""

import pytest

from huifang.delivery.rules.visitors import is_machine

PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) MicroMessenger/8.0.49 NetType/WIFI"


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("HEAD", {"user-agent": PHONE}),
        ("GET", {}),
        ("GET", {"user-agent": ""}),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; bingbot/2.0)"}),
        ("GET", {"user-agent": "facebookexternalhit/1.1"}),
        ("GET", {"user-agent": "Barracuda Sentinel (EE)"}),
        ("GET", {"user-agent": PHONE, "sec-purpose": "prefetch;prerender"}),
        ("GET", {"user-agent": PHONE, "purpose": "Preview"}),
        ("GET", {"user-agent": PHONE, "x-moz": "prefetch"}),
    ],
)
def test_programs_are_known_by_what_they_say_or_do(method: str, headers: dict[str, str]) -> None:
    assert is_machine(method, headers)


@pytest.mark.parametrize(
    "agent",
    [
        PHONE,
        "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36",
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
    ],
)
def test_whoever_says_nothing_suspicious_is_a_person(agent: str) -> None:
    assert not is_machine("GET", {"user-agent": agent})
