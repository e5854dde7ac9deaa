"""The contact ledger: claims slots of the contact budget, closes them at hand-over, frees those unused.

Set-based: a batch of attempts costs a handful of statements. The exclusion constraints of
`models.Slot` refuse what this module would let through by mistake.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from huifang.decisions.budget import Contact
from huifang.decisions.policy import ContactClass, Policy
from huifang.delivery.records import NewAttempt
from huifang.delivery.rules.slots import Full, Held, Taken, Wanted, take
from huifang.kernel import connections
from huifang.kernel.ids import AttemptId, CustomerId

_LOCK_CLASS = 0x4C45_4447  # the customer's place in the ledger; "LEDG"


@dataclass(slots=True)
class Book:
    """What the ledger knows of the customers of one batch, kept up as the batch takes slots."""

    contacts: dict[int, list[Contact]]
    held: dict[int, list[Held]]

    def take(self, wanted: NewAttempt, policy: Policy, *, now: datetime) -> tuple[Taken, ...] | Full:
        """Slots for one attempt; the next one of the batch sees them taken."""
        if wanted.contact_class in (ContactClass.CASE, ContactClass.SECURITY):
            return ()
        customer = wanted.customer_id
        contacts = self.contacts.setdefault(customer, [])
        held = self.held.setdefault(customer, [])
        found = take(
            Wanted(channel=wanted.channel, round_key=wanted.round_key),
            policy.caps,
            policy.minimum_gap,
            (contacts, held),
            now=now,
        )
        if isinstance(found, Full):
            return found
        held.extend(
            Held(scope=each.scope, slot=each.slot, round_key=wanted.round_key, until=None) for each in found
        )
        contacts.append(
            Contact(
                at=now,
                channel=wanted.channel,
                contact_class=ContactClass.FOLLOW_UP,
                round_key=wanted.round_key,
            )
        )
        return found


def lock_customers(customer_ids: Iterable[int]) -> None:
    """Hold *customer_ids* against every other worker until the transaction ends; always in one order."""
    keys = sorted({customer_id & 0x7FFF_FFFF for customer_id in customer_ids})
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, k) FROM unnest(%s::int[]) AS k", [_LOCK_CLASS, keys])


def open_book(customer_ids: Sequence[int], policy: Policy, *, now: datetime) -> Book:
    """Read what the ledger knows of *customer_ids*, which the caller has locked."""
    longest = max((cap.window for cap in policy.caps), default=timedelta(0))
    since = now - max(longest, policy.minimum_gap)
    # An attempt under way counts as if it went out now: it may do so at any moment.
    contacts = contacts_since(customer_ids, since=since, under_way_at=now)
    held: dict[int, list[Held]] = {}
    with connection.cursor() as cursor:
        connections.read_quickly(cursor)
        cursor.execute(_HELD, [connections.array(customer_ids), now])
        for customer_id, scope, slot, round_key, until in cursor.fetchall():
            found = Held(scope=scope, slot=slot, round_key=round_key, until=until)
            held.setdefault(customer_id, []).append(found)
    return Book(contacts={int(key): value for key, value in contacts.items()}, held=held)


# Index scan on the exclusion constraint's gist index by customer and range.
_HELD = """
SELECT customer_id, scope, slot, round_key, upper(during)
FROM delivery_slot
WHERE customer_id = ANY(%s) AND during && tstzrange(%s, NULL)
"""


def contacts_since(
    customer_ids: Sequence[int], *, since: datetime, under_way_at: datetime | None = None
) -> dict[CustomerId, list[Contact]]:
    """Contacts made after *since*, and those under way whenever they were asked for, oldest first.

    One that is under way stands at *under_way_at*, without it at the instant of its next try.
    """
    found: dict[CustomerId, list[Contact]] = {}
    with connection.cursor() as cursor:
        connections.read_quickly(cursor)
        cursor.execute(_CONTACTS, [under_way_at, connections.array(customer_ids), since])
        for customer_id, at, channel, contact_class, round_key in cursor.fetchall():
            contact = Contact(at=at, channel=channel, contact_class=contact_class, round_key=round_key)
            found.setdefault(CustomerId(customer_id), []).append(contact)
    return found


# Index scan on delivery_attempt_customer: a customer has few attempts, all of them are looked at.
_CONTACTS = """
SELECT customer_id, coalesce(handed_over_at, %s, due_at) AS at, channel, contact_class, round_key
FROM delivery_attempt
WHERE customer_id = ANY(%s)
  AND (handed_over_at > %s OR (handed_over_at IS NULL AND state IN ('queued', 'sending')))
ORDER BY at, id
"""


def write(taken: Mapping[AttemptId, tuple[NewAttempt, tuple[Taken, ...]]], *, now: datetime) -> None:
    """Store the slots that attempts took. Raises `IntegrityError` where one is held already."""
    rows = [
        (wanted.customer_id, each.scope, each.slot, wanted.round_key, attempt_id, each.window)
        for attempt_id, (wanted, slots) in taken.items()
        for each in slots
    ]
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, [now, *(list(column) for column in zip(*rows, strict=True))])


_WRITE = """
INSERT INTO delivery_slot (customer_id, scope, slot, round_key, attempt_id, "window", during)
SELECT customer_id, scope, slot, round_key, attempt_id, w, tstzrange(%s, NULL)
FROM unnest(%s::bigint[], %s::text[], %s::int[], %s::text[], %s::bigint[], %s::interval[])
     AS t (customer_id, scope, slot, round_key, attempt_id, w)
"""


def close(handed_over: Mapping[int, datetime]) -> None:
    """The attempts were handed over at these instants: their slots last one window from there."""
    if not handed_over:
        return
    with connection.cursor() as cursor:
        cursor.execute(_CLOSE, [list(handed_over), list(handed_over.values())])


_CLOSE = """
UPDATE delivery_slot s
SET during = tstzrange(greatest(lower(s.during), t.at), greatest(lower(s.during), t.at) + s."window")
FROM unnest(%s::bigint[], %s::timestamptz[]) AS t (attempt_id, at)
WHERE s.attempt_id = t.attempt_id AND upper_inf(s.during)
"""


def release(attempt_ids: Sequence[int]) -> None:
    """The attempts ended without contact: free their slots; another attempt of a round inherits the round's.

    Their states are stored already, and their customers locked.
    """
    if not attempt_ids:
        return
    ids = list(attempt_ids)
    with connection.cursor() as cursor:
        cursor.execute(_INHERIT, [ids, ids, ids])
        cursor.execute("DELETE FROM delivery_slot WHERE attempt_id = ANY(%s)", [ids])


_INHERIT = """
UPDATE delivery_slot s
SET attempt_id = heir.id,
    during = CASE WHEN heir.handed_over_at IS NULL THEN s.during ELSE tstzrange(
        greatest(lower(s.during), heir.handed_over_at),
        greatest(lower(s.during), heir.handed_over_at) + s."window") END
FROM (
    SELECT DISTINCT ON (a.customer_id, a.round_key) a.id, a.customer_id, a.round_key, a.handed_over_at
    FROM delivery_attempt a
    JOIN (SELECT DISTINCT customer_id, round_key FROM delivery_slot
          WHERE attempt_id = ANY(%s) AND scope LIKE 'round/%%') r
      ON r.customer_id = a.customer_id AND r.round_key = a.round_key
    WHERE a.id <> ALL(%s) AND a.contact_class NOT IN ('case', 'security')
      AND (a.handed_over_at IS NOT NULL OR a.state IN ('queued', 'sending'))
    ORDER BY a.customer_id, a.round_key, a.handed_over_at NULLS LAST, a.id
) heir
WHERE s.attempt_id = ANY(%s) AND s.scope LIKE 'round/%%'
  AND s.customer_id = heir.customer_id AND s.round_key = heir.round_key
"""
