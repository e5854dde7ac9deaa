"""A demo inside a test: its addresses, its folder, its people, and the hook of its SMS provider."""

import socket
from base64 import b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from huifang.console.models import Person
from huifang.demo import environment, phones
from huifang.demo.environment import Keys, Surroundings
from huifang.demo.parameters import Parameters
from huifang.demo.people import Persona, make_person
from huifang.demo.wallet import Wallet

SECRET = "whsec_" + b64encode(b"a secret of the demo, 24").decode()
PARAMETERS = Parameters(people=6, joining_days=1.0, acts_per_day=6.0, faulty_share=0.05)
START = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) - timedelta(days=3)
MakeWallet = Callable[..., Wallet]


class Callback:
    """Remembers what the wallet told as the SMS provider."""

    def __init__(self) -> None:
        self.replies: list[tuple[str, str]] = []

    def reply(self, *, number: str, text: str, key: str) -> None:
        self.replies.append((number, text))


def person(number: int) -> Persona:
    """Person *number* of the wallet."""
    return make_person(number, parameters=PARAMETERS, start=START)


def closed_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


@pytest.fixture
def demo(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """This process is one of a demo, with a folder of its own."""
    settings.IS_DEMO = True
    settings.ROOT_URLCONF = "tests.integration.demo.addresses"
    monkeypatch.setenv("HUIFANG_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("HUIFANG_GATEWAY_URL", f"http://127.0.0.1:{closed_port()}")
    (tmp_path / "demo").mkdir()
    environment.remember_keys(lambda: Keys(write_key="none", api_key="none"))
    return tmp_path / "demo"


@pytest.fixture
def registered(db: None) -> list[Persona]:
    """Everybody of the wallet, with a phone."""
    people = [person(number) for number in range(PARAMETERS.people)]
    phones.register(people)
    return people


@pytest.fixture
def make_wallet(demo: Path) -> MakeWallet:
    """``make_wallet(gateway_url=…, write_key=…)``: the wallet as one process of the demo would have it."""

    def make(
        *,
        gateway_url: str = "",
        web_url: str = "",
        write_key: str = "",
        api_key: str = "",
        callback: Any = None,
    ) -> Wallet:
        keys = Keys(write_key=write_key, api_key=api_key)
        return Wallet(
            surroundings=Surroundings(web_url=web_url, gateway_url=gateway_url, keys=keys),
            callback=callback or Callback(),
            parameters=PARAMETERS,
            start=START,
        )

    return make


@pytest.fixture
def visitor(db: None) -> Client:
    """A browser that is signed in as an agent, the least of the roles that see the console."""
    agent = Person(email="agent@demo.invalid", name="Zhou Min", role="agent", date_joined=START)
    agent.set_unusable_password()
    agent.save()
    client = Client()
    client.force_login(agent, backend="django.contrib.auth.backends.ModelBackend")
    return client
