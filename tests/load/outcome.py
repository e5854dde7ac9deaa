"""What must hold after havoc: nothing acknowledged is lost, nobody contacted twice or against their will."""

from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg
from tests.integration.test_start import Product
from tests.load.havoc import REFUSAL_SECONDS, Havoc, rows

from huifang.kernel import processes

CALM_SECONDS = 420.0


def is_calm(product: Product, havoc: Havoc) -> bool:
    """Whether every event was decided about, and nothing is on its way any more."""
    with suppress(psycopg.Error):
        (decided,) = rows(product.folder, "SELECT count(DISTINCT message_id) FROM plans_decision")[0]
        # In the order in which work goes on, so that none is missed between two looks.
        (due,) = rows(
            product.folder,
            "SELECT count(*) FROM plans_enrolment"
            " WHERE state IN ('waiting', 'contacting') AND due_at <= now()",
        )[0]
        (moving,) = rows(
            product.folder, "SELECT count(*) FROM delivery_attempt WHERE state IN ('queued', 'sending')"
        )[0]
        paid = len(havoc.told.consented) + len(havoc.told.silent)
        return bool(decided >= paid and not moving and not due)
    return False


def all_is_well(product: Product, havoc: Havoc) -> None:
    """Wait until all is calm, then hold what was told against what is there."""
    assert processes.wait_until(lambda: is_calm(product, havoc), seconds=CALM_SECONDS), product.said()
    havoc.answer()  # whoever was asked late
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
