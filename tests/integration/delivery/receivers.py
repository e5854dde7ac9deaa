"""A program that hears webhooks, on a real socket: checks every signature, and may hang, fail or refuse."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from standardwebhooks.webhooks import Webhook
from tests.contract.delivery.providers import Answer, HttpProvider, Posted, http_provider


@dataclass(slots=True)
class Receiver:
    """What it heard, once each by ``webhook-id``, and every request by that id."""

    provider: HttpProvider
    secrets: list[str] = field(default_factory=list)
    heard: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"{self.provider.url}/facts"

    @property
    def kinds(self) -> list[str]:
        return [each["type"] for each in self.heard.values()]

    def take(self, posted: Posted) -> Answer:
        """Take it as the library of the specification says."""
        assert self.secrets
        for secret in self.secrets:
            Webhook(secret).verify(posted.body, dict(posted.headers))
        number = posted.headers["webhook-id"]
        self.requests.append(number)
        self.heard.setdefault(number, json.loads(posted.body))
        return Answer(status=204)


@contextmanager
def receiver() -> Iterator[Receiver]:
    with http_provider(lambda _: Answer(status=500)) as provider:
        made = Receiver(provider=provider)
        provider.answer = made.take
        yield made
