"""Parts killed with -9 at random moments under load: nothing acknowledged is lost, nobody is contacted twice.

`HAVOC_KILLS=100` asks for more kills, `HAVOC_SEED` for other moments.
"""

import logging
import os
import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from tests.contract.delivery.providers import http_provider
from tests.integration.test_start import ENVIRONMENT, Product
from tests.load.havoc import REFUSAL_SECONDS, Havoc, last_line, rows, set_up
from tests.places import reachable_folder

from huifang.kernel import processes

_log = logging.getLogger(__name__)
pytestmark = pytest.mark.slow
KILLS, SEED = int(os.environ.get("HAVOC_KILLS", "6")), int(os.environ.get("HAVOC_SEED", "1"))
PARTS = ("gateway", "worker", "web", "postgres")
BETWEEN_SECONDS, CALM_SECONDS = (0.5, 4.0), 420.0


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setitem(ENVIRONMENT, "HUIFANG_PRIVATE_PROVIDERS", "127.0.0.1")
    with reachable_folder() as made:
        running = Product(made / "data")
        yield running
        running.process.terminate()
        running.process.wait(60)


def kill_parts(product: Product) -> Counter[str]:
    """So many parts killed, one after the other, whichever lives at the moment."""
    chance, killed = random.Random(SEED), Counter[str]()
    deadline = time.monotonic() + 60 + 40 * KILLS
    while killed.total() < KILLS:
        assert time.monotonic() < deadline, product.said()
        time.sleep(chance.uniform(*BETWEEN_SECONDS))
        part = chance.choice(PARTS)
        with suppress(ValueError, ProcessLookupError):  # it is down from the last time
            os.kill(product.first(part), signal.SIGKILL)
            killed[part] += 1
    return killed


def is_calm(product: Product, havoc: Havoc) -> bool:
    """Whether every event was decided about, and nothing is on its way any more."""
    with suppress(psycopg.Error):
        (decided,) = rows(product.folder, "SELECT count(DISTINCT message_id) FROM plans_decision")[0]
        (moving,) = rows(
            product.folder, "SELECT count(*) FROM delivery_attempt WHERE state IN ('queued', 'sending')"
        )[0]
        (due,) = rows(
            product.folder,
            "SELECT count(*) FROM plans_enrolment"
            " WHERE state IN ('waiting', 'contacting') AND due_at <= now()",
        )[0]
        paid = len(havoc.told.consented) + len(havoc.told.silent)
        return bool(decided >= paid and not moving and not due)
    return False


def test_what_was_acknowledged_is_there_and_nobody_is_contacted_twice(product: Product) -> None:
    api_key = last_line(product, "api-key", "create", "--name", "havoc", "--role", "admin")
    write_key = last_line(product, "write-key", "create", "--name", "havoc")
    havoc = Havoc(product, write_key=write_key, api_key=api_key, seed=SEED)
    with http_provider(havoc.provider) as provider:
        set_up(havoc, f"{provider.url}/send")
        havoc.start()
        try:
            killed = kill_parts(product)
        finally:
            havoc.stop()
        assert processes.wait_until(lambda: is_calm(product, havoc), seconds=CALM_SECONDS), product.said()
    havoc.answer()  # whoever was asked late
    told = {name: len(getattr(havoc.told, name)) for name in havoc.told.__slots__}
    _log.info("killed %s; told %s", dict(killed), told)
    assert havoc.told.answered, "nobody had the time to answer"
    nothing_acknowledged_is_lost(product.folder, havoc)
    nobody_is_contacted_twice_or_against_their_will(havoc)
    whoever_may_be_contacted_is(product.folder, havoc)


def nothing_acknowledged_is_lost(folder: Path, havoc: Havoc) -> None:
    told = havoc.told
    there = rows(
        folder, "SELECT message_id FROM events_event WHERE message_id = ANY(%s)", list(told.messages)
    )
    assert Counter(row[0] for row in there) == Counter(told.messages)
    links = {phone: link for phone, _, link in told.received}
    answers = dict(
        rows(
            folder,
            "SELECT r.customer_id, a.number FROM questionnaires_answer a"
            " JOIN questionnaires_response r ON r.id = a.response_id WHERE a.question_key = 'satisfied'",
        )
    )
    customers = dict(rows(folder, "SELECT external_id, id FROM customers_customer"))
    names = {phone: name for name, phone in told.consented.items()}
    for phone, score in told.answered.items():
        assert answers.get(customers[names[phone]]) == int(score), links[phone]
    refused = rows(
        folder,
        "SELECT c.external_id FROM customers_suppression s JOIN customers_customer c ON c.id = s.customer_id"
        " WHERE s.lifted_at IS NULL AND s.channel = '*'",
    )
    assert set(told.refused) <= {row[0] for row in refused}


def nobody_is_contacted_twice_or_against_their_will(havoc: Havoc) -> None:
    told = havoc.told
    received = Counter(phone for phone, _, _ in told.received)
    assert [phone for phone, count in received.items() if count > 1] == []
    agreed = {phone: name for name, phone in told.consented.items()}
    # Whoever's payment was never acknowledged may have been stored all the same, with the same yes.
    silent = {f"+86138{int(name[2:]):08}" for name in told.silent}
    assert not silent & set(received)
    for phone, at, _ in told.received:
        refused_at = told.refused.get(agreed.get(phone, ""))
        assert refused_at is None or at <= refused_at + REFUSAL_SECONDS, phone


def whoever_may_be_contacted_is(folder: Path, havoc: Havoc) -> None:
    """Each got the message, or its outcome is unknown because the sender was killed in the middle."""
    told = havoc.told
    states = dict(
        rows(
            folder,
            "SELECT c.external_id, a.state FROM delivery_attempt a"
            " JOIN customers_customer c ON c.id = a.customer_id",
        )
    )
    received = {phone for phone, _, _ in told.received}
    missed = {
        name: states.get(name, "no attempt")
        for name, phone in told.consented.items()
        if phone not in received and name not in told.refused
    }
    assert set(missed.values()) <= {"unknown"}, missed
