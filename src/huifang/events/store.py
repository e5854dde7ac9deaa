"""The SQL that writes events, and the text that it takes. No Django: the gateway runs it too.

Rows travel as one JSON text (`json_to_recordset`), which costs the sender a tenth of arrays of values.
"""

from collections.abc import Iterable, Sequence

import msgspec

from huifang.events.ingest import NewRejected
from huifang.events.message import NewEvent

# One statement, so that without an explicit transaction it is one round trip and one commit.
# Plan: function scan, insert with the primary key as arbiter; one more insert a name, not an event.
STORE = """
WITH stored AS (
    INSERT INTO events_event (
        day, message_id, kind, name, external_id, anonymous_id, shard, occurred_at, received_at,
        properties, context, sealed, source_id
    )
    SELECT * FROM json_to_recordset(%s::json) AS sent (
        day date, message_id text, kind text, name text, external_id text, anonymous_id text,
        shard smallint, occurred_at timestamptz, received_at timestamptz,
        properties jsonb, context jsonb, sealed bytea, source_id bigint
    )
    ON CONFLICT (day, message_id) DO NOTHING
    RETURNING source_id, kind, name, occurred_at, received_at
), tallied AS (
    INSERT INTO events_tally (source_id, kind, name, count, first_at, last_at, received_at)
    SELECT source_id, kind, name, count(*), min(occurred_at), max(occurred_at), max(received_at)
    FROM stored GROUP BY source_id, kind, name
)
SELECT count(*) FROM stored
"""

# A rejected message that is sent again is counted, not kept twice.
REJECT = """
INSERT INTO events_rejectedevent AS kept (
    fingerprint, code, detail, source_id, kind, name, external_id, message_id, payload, is_whole,
    sent_at, received_at, last_received_at, times
)
SELECT fingerprint, code, detail, source_id, kind, name, external_id, message_id, payload, is_whole,
       sent_at, received_at, received_at, times
FROM json_to_recordset(%s::json) AS sent (
    fingerprint bytea, code text, detail text, source_id bigint, kind text, name text, external_id text,
    message_id text, payload bytea, is_whole boolean, sent_at timestamptz, received_at timestamptz,
    times integer
)
ON CONFLICT (fingerprint) DO UPDATE SET
    code = EXCLUDED.code, detail = EXCLUDED.detail,
    times = kept.times + EXCLUDED.times, last_received_at = EXCLUDED.received_at
"""

# Moves tallies into the catalogue; any number of workers may run it, each taking other rows.
FOLD = """
WITH gone AS (
    DELETE FROM events_tally WHERE id IN (
        SELECT id FROM events_tally ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED
    ) RETURNING *
), named AS (
    INSERT INTO events_catalogueentry AS kept (kind, name, count, first_at, last_at)
    SELECT kind, name, sum(count), min(first_at), max(last_at) FROM gone GROUP BY kind, name
    ORDER BY kind, name
    ON CONFLICT (kind, name) DO UPDATE SET count = kept.count + EXCLUDED.count,
        first_at = least(kept.first_at, EXCLUDED.first_at), last_at = greatest(kept.last_at, EXCLUDED.last_at)
), dated AS (
    INSERT INTO events_sourceday AS kept (source_id, day, count)
    SELECT source_id, (received_at AT TIME ZONE 'UTC')::date, sum(count) FROM gone GROUP BY 1, 2
    ORDER BY 1, 2
    ON CONFLICT (source_id, day) DO UPDATE SET count = kept.count + EXCLUDED.count
), used AS (
    UPDATE events_source SET last_used_at = greatest(last_used_at, seen.at)
    FROM (SELECT source_id, max(received_at) AS at FROM gone GROUP BY source_id) AS seen
    WHERE events_source.id = seen.source_id
)
SELECT count(*) FROM gone
"""

STRICT = "SELECT name, properties FROM events_declaredevent WHERE is_strict"
SOURCES = "SELECT id, key_hash FROM events_source WHERE revoked_at IS NULL"

_encoder = msgspec.json.Encoder()


def event_rows(events: Iterable[NewEvent]) -> str:
    """The parameter of `STORE`.

    In order of time, so that a customer's events are read in it; a message sent twice comes at the same place
    both times, so that two senders seldom wait for each other crosswise.
    """
    return _encoder.encode(sorted(events, key=_moment)).decode()


def _moment(event: NewEvent) -> tuple[float, str]:
    return event.occurred_at.timestamp(), event.message_id


def rejected_rows(rejected: Sequence[NewRejected]) -> str:
    """The parameter of `REJECT`: each message once, in the order of the key."""
    by_key: dict[str, NewRejected] = {}
    for row in rejected:
        known = by_key.setdefault(row.fingerprint, row)
        if known is not row:
            known.times += row.times
    return _encoder.encode([by_key[key] for key in sorted(by_key)]).decode()
