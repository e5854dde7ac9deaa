"""Set-based SQL for thousands of events a call: who they are of, when seen, how often. Nothing else is here.

Rows travel as one JSON array a statement. Customers are made in order of their ids, then locked in order
of their keys, before anything else is locked: two workers with the same customers wait, but never for
each other.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from huifang.customers.records import Snapshot
from huifang.kernel import connections

# Plan: index scan on external_id, one probe a name.
_FIND = "SELECT external_id, coalesce(kept_id, id) FROM customers_customer WHERE external_id = ANY(%s)"
_KNOWN = f"{_FIND} AND erased_at IS NULL"

_CREATE = """
INSERT INTO customers_customer (external_id, wallet_kind, language, time_zone, time_zone_source, region,
                                country, traits, stamps, first_seen_at, last_seen_at)
SELECT r.external_id, '', '', '', '', '', '', '{}', '{}', r.first_at, r.last_at
FROM jsonb_to_recordset(%s::jsonb) AS r(external_id text, first_at timestamptz, last_at timestamptz)
ORDER BY r.external_id
ON CONFLICT (external_id) DO NOTHING
"""

# Plan: index scan on the primary key, in its order, locked in that order.
_LOCK = "SELECT id FROM customers_customer WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"

# Who is a customer of their own does not change while this is held in common; merging and erasing hold it
# alone. Taken before any row is locked, so that whoever waits here holds no row that the other wants.
_HOLD = "SELECT pg_advisory_xact_lock_shared(%s)"
_HOLD_ALONE = "SELECT pg_advisory_xact_lock(%s)"
_MERGES = 0x4D45_5247  # "MERG"

# Plan: index scan on the primary key; nearly everybody is left out.
_KEPT = "SELECT id, kept_id FROM customers_customer WHERE id = ANY(%s) AND kept_id IS NOT NULL"

# Plan: two look-ups by the primary key.
_SNAPSHOT = """
SELECT now.wallet_kind, now.region, coalesce(now.traits->>'appVersion', '')
FROM customers_customer AS asked JOIN customers_customer AS now ON now.id = coalesce(asked.kept_id, asked.id)
WHERE asked.id = %s
"""

# Plan: nested loop from the rows given to the primary key. Rows that tell nothing new are left alone.
_SEE = """
UPDATE customers_customer AS c
SET first_seen_at = least(c.first_seen_at, r.first_at), last_seen_at = greatest(c.last_seen_at, r.last_at)
FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, first_at timestamptz, last_at timestamptz)
WHERE c.id = r.id AND (c.first_seen_at > r.first_at OR c.last_seen_at < r.last_at)
"""

_COUNT = """
INSERT INTO customers_activity AS a (customer_id, name, count, first_at, last_at, amount_sum)
SELECT r.customer_id, r.name, r.count, r.first_at, r.last_at, r.amount_sum
FROM jsonb_to_recordset(%s::jsonb) AS r(customer_id bigint, name text, count bigint,
                                        first_at timestamptz, last_at timestamptz, amount_sum numeric)
ORDER BY r.customer_id, r.name
ON CONFLICT (customer_id, name) DO UPDATE
SET count = a.count + excluded.count, first_at = least(a.first_at, excluded.first_at),
    last_at = greatest(a.last_at, excluded.last_at),
    amount_sum = least(greatest(a.amount_sum + excluded.amount_sum, -1e19), 1e19)  -- the column's bounds
RETURNING customer_id, name, count
"""

_LINK = """
INSERT INTO customers_alias AS a (anonymous_id, customer_id, linked_at)
SELECT r.anonymous_id, r.customer_id, r.linked_at
FROM jsonb_to_recordset(%s::jsonb) AS r(anonymous_id text, customer_id bigint, linked_at timestamptz)
ORDER BY r.anonymous_id
ON CONFLICT (anonymous_id) DO UPDATE SET customer_id = excluded.customer_id, linked_at = excluded.linked_at
WHERE a.linked_at <= excluded.linked_at
"""

_SAVE = """
UPDATE customers_customer AS c
SET wallet_kind = r.wallet_kind, language = r.language, time_zone = r.time_zone,
    time_zone_source = r.time_zone_source, region = r.region, country = r.country,
    registered_at = r.registered_at, traits = r.traits, stamps = r.stamps,
    sealed_name = decode(r.sealed_name, 'hex'), birthday_index = decode(r.birthday_index, 'hex')
FROM jsonb_to_recordset(%s::jsonb) AS r(id bigint, wallet_kind text, language text, time_zone text,
     time_zone_source text, region text, country text, registered_at timestamptz, traits jsonb,
     stamps jsonb, sealed_name text, birthday_index text)
WHERE c.id = r.id
"""

_INSERT_POINTS = """
INSERT INTO customers_contactpoint (customer_id, kind, sealed, blind_index, state, reason, seen_at)
SELECT r.customer_id, r.kind, decode(r.sealed, 'hex'), decode(r.blind_index, 'hex'), 'active', '', r.seen_at
FROM jsonb_to_recordset(%s::jsonb) AS r(customer_id bigint, kind text, sealed text, blind_index text,
                                        seen_at timestamptz)
"""

# A refusal spreads to the addresses that its customer comes to have, so that these stay refused under
# another id too.
_SPREAD = """
INSERT INTO customers_suppression
    (customer_id, contact_hash, channel, reason, note, source, at, lifted_source)
SELECT s.customer_id, p.blind_index, s.channel, s.reason, '', s.source, s.at, ''
FROM customers_suppression AS s
JOIN customers_contactpoint AS p ON p.customer_id = s.customer_id AND p.state = 'active'
WHERE s.customer_id = ANY(%s) AND s.lifted_at IS NULL AND s.contact_hash = ''
  AND (s.channel = '*' OR (s.channel = ANY(%s) AND p.kind = (%s::jsonb ->> s.channel)))
ORDER BY s.customer_id, p.blind_index
ON CONFLICT DO NOTHING
"""


# Plans of the four below: bitmap or index scans on customer_id (the primary key for the first), one probe a
# customer; the last joins the partial index on contact_hash, which is as small as the refusals are few.
_STANDING = """
SELECT id, external_id, wallet_kind, language, time_zone, region, traits::text
FROM customers_customer WHERE id = ANY(%s)
"""
# Plan: index scan on external_id, one probe a name.
_STANDING_OF = """
SELECT id, external_id, wallet_kind, language, time_zone, region, traits::text, kept_id
FROM customers_customer WHERE external_id = ANY(%s) AND erased_at IS NULL
"""
_CONSENTED = """
SELECT customer_id, channel, given, at FROM customers_consentstate
WHERE customer_id = ANY(%s) AND purpose = %s
"""
_REFUSED = """
SELECT customer_id, channel FROM customers_suppression
WHERE customer_id = ANY(%s) AND contact_hash = '' AND lifted_at IS NULL
"""
_REACHED = """
SELECT p.customer_id, p.kind, s.channel FROM customers_contactpoint AS p
LEFT JOIN customers_suppression AS s
  ON s.contact_hash = p.blind_index AND s.contact_hash <> '' AND s.lifted_at IS NULL
WHERE p.customer_id = ANY(%s) AND p.state = 'active'
"""

_ADDRESSES = """
SELECT customer_id, sealed FROM customers_contactpoint
WHERE customer_id = ANY(%s) AND kind = %s AND state = 'active'
"""

_ACTIVITY = """
SELECT customer_id, name, count, first_at, last_at, amount_sum FROM customers_activity
WHERE customer_id = ANY(%s) AND name = ANY(%s)
"""


@dataclass(slots=True)
class Span:
    """First and last time of something, and how often; grows as events are read."""

    first_at: datetime
    last_at: datetime
    count: int = 0
    amount_sum: Decimal = Decimal(0)

    def add(self, at: datetime, amount: Decimal = Decimal(0)) -> None:
        """Count one more at *at*."""
        self.first_at = min(self.first_at, at)
        self.last_at = max(self.last_at, at)
        self.count += 1
        self.amount_sum += amount


def standing(customer_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Key, external id, wallet kind, language, zone, region and traits (read) of each customer."""
    rows = _run(_STANDING, [list(customer_ids)])
    return [(*row[:-1], msgspec.json.decode(row[-1])) for row in rows]


def standing_of(external_ids: Sequence[str]) -> tuple[list[tuple[Any, ...]], dict[str, int]]:
    """As `standing`, by external id, without those who were erased; and who of them is now whom."""
    rows = _run(_STANDING_OF, [list(external_ids)])
    return (
        [(*row[:-2], msgspec.json.decode(row[-2])) for row in rows if row[-1] is None],
        {row[1]: row[-1] for row in rows if row[-1] is not None},
    )


def consented(customer_ids: Sequence[int], purpose: str) -> list[tuple[Any, ...]]:
    """Customer, channel, whether given, and when, for one purpose."""
    return _run(_CONSENTED, [list(customer_ids), purpose])


def refused(customer_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Customer and channel of each refusal of their own that holds."""
    return _run(_REFUSED, [list(customer_ids)])


def reached(customer_ids: Sequence[int]) -> list[tuple[Any, ...]]:
    """Customer and kind of each active contact point, and the channel refused with its address, or None."""
    return _run(_REACHED, [list(customer_ids)])


def addresses(customer_ids: Sequence[int], kind: str) -> list[tuple[Any, ...]]:
    """Customer and sealed value of each active contact point of *kind*."""
    return _run(_ADDRESSES, [list(customer_ids), kind])


def activity(customer_ids: Sequence[int], names: Sequence[str]) -> list[tuple[Any, ...]]:
    """Customer, name, count, first, last and sum of what was done."""
    return _run(_ACTIVITY, [list(customer_ids), list(names)])


def _json(rows: Iterable[Mapping[str, object]]) -> str:
    return msgspec.json.encode(list(rows)).decode()


def _run(sql: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        connections.read_quickly(cursor)
        plain = [connections.array(each) if isinstance(each, list) else each for each in values]
        cursor.execute(sql, plain)
        return cursor.fetchall() if cursor.description else []


def find(external_ids: Iterable[str]) -> dict[str, int]:
    """The keys of those of *external_ids* that are customers; of a merged one, the key of who was kept."""
    return dict(_run(_FIND, [list(external_ids)]))


def known(external_ids: Iterable[str]) -> dict[str, int]:
    """As `find`, without those who were erased."""
    return dict(_run(_KNOWN, [list(external_ids)]))


def hold_merges(*, alone: bool = False) -> None:
    """Let nobody be merged or erased until the transaction ends; *alone*: so as to do it oneself."""
    _run(_HOLD_ALONE if alone else _HOLD, [_MERGES])


def kept(customer_ids: Sequence[int]) -> dict[int, int]:
    """Of those of *customer_ids* who were merged into another: whom they are now."""
    return dict(_run(_KEPT, [list(customer_ids)]))


def snapshot(customer_id: int) -> Snapshot | None:
    """What answers are cut by; of a merged customer, that of who was kept."""
    for wallet_kind, region, app_version in _run(_SNAPSHOT, [customer_id]):
        return Snapshot(wallet_kind=wallet_kind, region=region, app_version=app_version)
    return None


def claim(spans: Mapping[str, Span], *, also: Iterable[int] = ()) -> tuple[dict[str, int], set[str]]:
    """Make the customers of *spans* that are not there, and lock them all, and the keys *also*.

    Returns the key of each external id, and which of them were made. One call a transaction.
    """
    hold_merges()
    known = find(spans)
    missing = spans.keys() - known.keys()
    if missing:
        rows = [
            {"external_id": name, "first_at": spans[name].first_at, "last_at": spans[name].last_at}
            for name in missing
        ]
        _run(_CREATE, [_json(rows)])
        known |= find(missing)
    _run(_LOCK, [[*known.values(), *also]])
    return {name: known[name] for name in spans}, missing


def see(spans: Mapping[int, Span]) -> None:
    """Widen first and last seen of each customer."""
    _run(_SEE, [_json({"id": pk, "first_at": s.first_at, "last_at": s.last_at} for pk, s in spans.items())])


def count(spans: Mapping[tuple[int, str], Span]) -> dict[tuple[int, str], int]:
    """Add to the activity of each customer and name; returns how often each was done by now."""
    if not spans:
        return {}
    rows = [
        {
            "customer_id": customer_id,
            "name": name,
            "count": span.count,
            "first_at": span.first_at,
            "last_at": span.last_at,
            "amount_sum": str(span.amount_sum),
        }
        for (customer_id, name), span in spans.items()
    ]
    return {(customer_id, name): after for customer_id, name, after in _run(_COUNT, [_json(rows)])}


def aliases(anonymous_ids: Iterable[str]) -> dict[str, int]:
    """Whose each of *anonymous_ids* is."""
    wanted = list(anonymous_ids)
    if not wanted:
        return {}
    sql = "SELECT anonymous_id, customer_id FROM customers_alias WHERE anonymous_id = ANY(%s)"
    return dict(_run(sql, [wanted]))


def link(links: Mapping[str, tuple[int, datetime]]) -> None:
    """Remember whose anonymous ids these are; the latest link counts."""
    rows = [{"anonymous_id": name, "customer_id": pk, "linked_at": at} for name, (pk, at) in links.items()]
    if rows:
        _run(_LINK, [_json(rows)])


def save(rows: Sequence[Mapping[str, object]]) -> None:
    """Write portraits; *rows* hold every column that an identify can state."""
    if rows:
        _run(_SAVE, [_json(rows)])


def insert_points(rows: Sequence[Mapping[str, object]]) -> None:
    """Write contact points that are new; *sealed* and *blind_index* in hexadecimal."""
    if rows:
        _run(_INSERT_POINTS, [_json(rows)])


def spread_suppressions(customer_ids: Iterable[int], kind_of_channel: Mapping[str, str]) -> None:
    """Extend what these customers refused to the addresses that they have."""
    _run(_SPREAD, [list(customer_ids), list(kind_of_channel), _json_object(kind_of_channel)])


def _json_object(value: Mapping[str, str]) -> str:
    return msgspec.json.encode(value).decode()
