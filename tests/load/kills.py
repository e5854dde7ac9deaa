"""A whole product whose parts are killed with -9 while a wallet and its customers go on."""

import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from tests.contract.delivery.providers import http_provider
from tests.integration.test_start import ENVIRONMENT, Product, status
from tests.load.havoc import Havoc, last_line, set_up
from tests.load.outcome import all_is_well
from tests.places import reachable_folder

PARTS = ("gateway", "worker", "web", "postgres")
BETWEEN_SECONDS, PATIENCE_SECONDS = (0.5, 4.0), 60.0
_log = logging.getLogger(__name__)


@contextmanager
def running_product(folder: Path | None = None) -> Iterator[Product]:
    """A `huifang up` in *folder*, or in a passing one, that may reach a provider on this machine."""
    with pytest.MonkeyPatch.context() as patch, reachable_folder() as made:
        patch.setitem(ENVIRONMENT, "HUIFANG_PRIVATE_PROVIDERS", "127.0.0.1")
        running = Product(folder or made / "data")
        try:
            yield running
        finally:
            if not running.has_ended():
                running.process.terminate()
                running.process.wait(90)


@contextmanager
def people_around(product: Product, *, seed: int) -> Iterator[Havoc]:
    """A wallet, customers and a provider at work around *product*; at the end they have finished."""
    api_key = last_line(product, "api-key", "create", "--name", "havoc", "--role", "admin")
    write_key = last_line(product, "write-key", "create", "--name", "havoc")
    havoc = Havoc(product, write_key=write_key, api_key=api_key, seed=seed)
    with http_provider(havoc.provider) as provider:
        set_up(havoc, f"{provider.url}/send")
        havoc.start()
        try:
            yield havoc
        finally:
            havoc.stop()
        all_is_well(product, havoc)


def kill(product: Product, parts: Sequence[str], *, chance: random.Random) -> Counter[str]:
    """Kill *parts* in any order, each when it is ready to work: what only starts can break little."""
    killed: Counter[str] = Counter()
    left = Counter(parts)
    deadline = time.monotonic() + 120 + PATIENCE_SECONDS * len(parts)
    while left.total():
        assert time.monotonic() < deadline, product.said()
        time.sleep(chance.uniform(*BETWEEN_SECONDS))
        ready = [part for part in left.elements() if is_at_work(product, part)]
        with suppress(ValueError, ProcessLookupError, IndexError):  # it ended by itself meanwhile
            part = chance.choice(ready)
            os.kill(product.first(part), signal.SIGKILL)
            killed[part] += 1
            left -= Counter([part])
            _log.info("killed %s, %s to go", part, left.total())
    return killed


def is_at_work(product: Product, part: str) -> bool:
    """Whether *part* is ready, which needs a database that is."""
    if part in {"gateway", "postgres"}:
        return status(product.gateway_port, "/readyz") == 200
    if part == "web":
        return status(product.port, "/readyz") == 200
    with suppress(OSError, ValueError):
        told = int((product.folder / "run" / "worker.ready").read_text(encoding="ascii"))
        return told == product.first("worker")
    return False


def survive(parts: Sequence[str], *, seed: int) -> None:
    """Start a product, kill *parts* of it under load, and see that all is well."""
    with running_product() as product, people_around(product, seed=seed) as havoc:
        killed = kill(product, parts, chance=random.Random(seed))
        _log.info("killed %s; told %s; failed %s", dict(killed), havoc.counts(), dict(havoc.failed))
