"""Access tokens without a database: what several processes share has tests of its own."""

import time
from collections.abc import Iterator

import pytest

from huifang.delivery import tokens


@pytest.fixture(autouse=True)
def _tokens_of_this_process_alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def fetch(_: str, ask: tokens.Fetch, __: str) -> tuple[str, float]:
        token, seconds = ask()
        return token, time.time() + seconds

    monkeypatch.setattr(tokens, "_shared", fetch)
    tokens.forget()
    yield
    tokens.forget()
