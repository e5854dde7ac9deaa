"""A wallet, its customers and a provider that go on while parts of the product are killed with -9.

What each side was told is written down as it is told: what the product acknowledged, and what reached a
customer. Afterwards the database must hold the one, and allow the other.
"""

import base64
import http.client
import json
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import psycopg
from tests.contract.delivery.providers import Answer, Posted
from tests.integration.test_start import Product, huifang

from huifang.cli.installation import Installation

BATCH, REFUSED_SHARE, SILENT_SHARE, PAUSE_SECONDS = 5, 0.15, 0.15, 0.3
# A no holds within five seconds.
REFUSAL_SECONDS = 5.0
_LINK = re.compile(r"/s/[\w-]+")
_TRIES = 400
BODY = {"en": "{wallet_name}: how was it? {link}", "zh-Hans": "{wallet_name}：还满意吗？{link}"}


def daytime_zone() -> str:
    """A zone in which it is early afternoon now, so that hours forbid nothing."""
    offset = (14 - datetime.now(UTC).hour + 12) % 24 - 12
    return "Etc/GMT" if not offset else f"Etc/GMT{-offset:+d}"


@dataclass(slots=True)
class Told:
    """What was acknowledged, and what reached whom; instants on this process's monotonic clock."""

    messages: set[str] = field(default_factory=set)
    consented: dict[str, str] = field(default_factory=dict)
    silent: set[str] = field(default_factory=set)
    refused: dict[str, float] = field(default_factory=dict)
    answered: dict[str, str] = field(default_factory=dict)
    received: list[tuple[str, float, str]] = field(default_factory=list)


class Havoc:
    """The people around one product. *stop* ends their work after what they are at."""

    def __init__(self, product: Product, *, write_key: str, api_key: str, seed: int) -> None:
        self.product, self.told = product, Told()
        self.failed: Counter[str] = Counter()
        self.write_key = "Basic " + base64.b64encode(f"{write_key}:".encode()).decode()
        self._bearer = f"Bearer {api_key}"
        self._chance = random.Random(seed)
        self._is_over = threading.Event()
        self.zone = daytime_zone()
        self._numbers = count(1)
        self._threads = [
            threading.Thread(target=self._until_over, args=(work,), name=work.__name__)
            for work in (self._pay, self.answer, self._refuse)
        ]

    def start(self) -> None:
        """Let them begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Let them finish what they are at."""
        self._is_over.set()
        for thread in self._threads:
            thread.join(300)
            assert not thread.is_alive(), thread.name

    def provider(self, posted: Posted) -> Answer:
        """The provider of SMS: sends whatever it is handed, as often as it is handed it."""
        link = _LINK.search(posted.json["text"])
        assert link is not None
        self.told.received.append((posted.json["to"], time.monotonic(), link.group()))
        return Answer(status=202, body={"id": posted.headers["idempotency-key"]})

    def api(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """One call of the API; the status and what came. Raises `OSError` where nobody answered."""
        text = None if body is None else json.dumps(body)
        headers = {"Authorization": self._bearer, "Content-Type": "application/json"}
        status, found = _ask(self.product.port, method, f"/api/v1{path}", text, headers)
        return status, json.loads(found) if found else None

    def _until_over(self, work: Callable[[], None]) -> None:
        while not self._is_over.wait(PAUSE_SECONDS):
            work()

    def _pay(self) -> None:
        """Some customers come in and pay, sent again and again until that is acknowledged."""
        batch, consented, silent = [], {}, set()
        for _ in range(BATCH):
            number = next(self._numbers)
            name, phone = f"H-{number}", f"+86138{number:08}"
            says_yes = self._chance.random() > SILENT_SHARE
            consents = [{"purpose": "service_follow_up", "given": True, "wording": "May we ask you?"}]
            traits = {"phone": phone, "timezone": self.zone, "consents": consents if says_yes else []}
            batch += [
                {"type": "identify", "userId": name, "messageId": f"i-{name}", "traits": traits},
                {"type": "track", "userId": name, "messageId": f"t-{name}", "event": "Payment Completed"},
            ]
            if says_yes:
                consented[name] = phone
            else:
                silent.add(name)
        headers = {"Authorization": self.write_key, "Content-Type": "application/json"}
        body = json.dumps({"batch": batch})
        port = self.product.gateway_port
        if self._insist(lambda: _ask(port, "POST", "/v1/batch", body, headers)[0], wanted=200):
            self.told.messages |= {message["messageId"] for message in batch}
            self.told.consented |= consented
            self.told.silent |= silent

    def answer(self) -> None:
        """Whoever was asked answers, until told that it was taken."""
        for phone, _, link in list(self.told.received):
            if phone not in self.told.answered:
                score = str(self._chance.randint(3, 5))
                body = urlencode({"q": "satisfied", "a.satisfied": score})
                if self._insist(partial(self._send_answer, link, body), wanted=303):
                    self.told.answered[phone] = score

    def _send_answer(self, link: str, body: str) -> int:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        return _ask(self.product.port, "POST", link, body, headers)[0]

    def _refuse(self) -> None:
        """Some customers want to be left alone."""
        names = [name for name in list(self.told.consented) if name not in self.told.refused]
        if not names or self._chance.random() > REFUSED_SHARE * BATCH:
            return
        name = self._chance.choice(names[-3 * BATCH :])
        refusal = {"channel": "*", "reason": "customer_refused"}
        path = f"/customers/{name}/suppressions"
        if self._insist(lambda: self.api("POST", path, refusal)[0], wanted=201):
            self.told.refused[name] = time.monotonic()

    def _insist(self, act: Callable[[], int], *, wanted: int) -> bool:
        """Do *act* until its status is *wanted*; False where that never came. Other answers are counted."""
        for _ in range(_TRIES):
            try:
                status = act()
                if status == wanted:
                    return True
                self.failed[str(status)] += 1
            except (OSError, http.client.HTTPException, ValueError) as error:
                self.failed[type(error).__name__] += 1
            time.sleep(PAUSE_SECONDS)
        return False

    def counts(self) -> dict[str, int]:
        """How much was told, for the log."""
        return {name: len(getattr(self.told, name)) for name in self.told.__slots__}


def _ask(port: int, method: str, path: str, body: str | None, headers: dict[str, str]) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def last_line(product: Product, *arguments: str) -> str:
    done = huifang(product.folder, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()[-1]


def set_up(havoc: Havoc, provider_url: str) -> None:
    """A provider for SMS, and a plan that asks by it after the first payment."""
    settings = {"url": provider_url, "secret": "whsec_" + "c2VjcmV0LXNlY3JldC1zZWNyZXQh"}
    account = {
        "channel": "sms",
        "provider": "http",
        "name": "Fake",
        "settings": settings,
        "per_second": 100,
    }
    status, said = havoc.api("POST", "/channel-accounts", account)
    assert status in {200, 201}, said
    status, made = havoc.api("POST", "/plans/pack/after-first-payment", {})
    assert status in {200, 201}, made
    step = {"channel": "sms", "kind": "first", "after": "PT0S", "body": BODY, "subject": {}}
    definition = made["definition"] | {
        "steps": [step],
        "delay": "PT0S",
        "conditions": [],
        "breaker": {"is_on": False},
        "holdout_basis_points": 0,
        "tracks_links": False,
    }
    status, said = havoc.api("PUT", f"/plans/{made['id']}", {"definition": definition})
    assert status == 200, said
    status, said = havoc.api("POST", f"/plans/{made['id']}/activate")
    assert status == 200, said


def rows(folder: Path, query: str, *values: Any) -> list[tuple[Any, ...]]:
    with psycopg.connect(Installation(folder).read_url()) as connection:
        return connection.execute(query, values).fetchall()
