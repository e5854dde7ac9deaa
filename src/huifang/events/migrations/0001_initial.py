"""The events room's tables. The events table itself is plain SQL: Django cannot partition."""

from django.db import migrations, models

_CREATE = """
CREATE SEQUENCE events_event_seq CACHE 1;

-- Transaction numbers start anew in a restored cluster. What this returns is added to them, so that
-- later commits always have larger numbers; `partitions.prepare` raises it after a restore.
CREATE FUNCTION events_txid_base() RETURNS bigint LANGUAGE sql IMMUTABLE AS 'SELECT 0::bigint';

CREATE TABLE events_event (
    day date NOT NULL,
    message_id text NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    external_id text NOT NULL,
    anonymous_id text NOT NULL,
    shard smallint NOT NULL,
    occurred_at timestamptz NOT NULL,
    received_at timestamptz NOT NULL,
    properties jsonb NOT NULL,
    context jsonb NOT NULL,
    sealed bytea,
    source_id bigint NOT NULL,
    txid bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint + events_txid_base()),
    seq bigint NOT NULL DEFAULT nextval('events_event_seq'),
    PRIMARY KEY (day, message_id)
) PARTITION BY RANGE (day);
ALTER SEQUENCE events_event_seq OWNED BY events_event.seq;

CREATE INDEX events_event_cursor ON events_event (shard, txid, seq);
CREATE INDEX events_event_customer ON events_event (external_id, occurred_at) WHERE external_id <> '';
CREATE INDEX events_event_anonymous ON events_event (anonymous_id, occurred_at) WHERE external_id = '';
CREATE INDEX events_event_occurred ON events_event USING brin (occurred_at)
    WITH (pages_per_range = 32, autosummarize = on);

-- Messages without a timestamp, and days for which no partition was made.
CREATE TABLE events_event_undated PARTITION OF events_event FOR VALUES FROM ('1970-01-01') TO ('1970-01-02');
CREATE TABLE events_event_default PARTITION OF events_event DEFAULT;
"""

_DROP = "DROP TABLE events_event; DROP FUNCTION events_txid_base();"

_EVENT = migrations.CreateModel(
    name="Event",
    fields=[
        (
            "pk",
            models.CompositePrimaryKey(
                "day", "message_id", blank=True, editable=False, primary_key=True, serialize=False
            ),
        ),
        ("day", models.DateField()),
        ("message_id", models.TextField()),
        ("kind", models.TextField()),
        ("name", models.TextField()),
        ("external_id", models.TextField()),
        ("anonymous_id", models.TextField()),
        ("shard", models.SmallIntegerField()),
        ("occurred_at", models.DateTimeField()),
        ("received_at", models.DateTimeField()),
        ("properties", models.JSONField()),
        ("context", models.JSONField()),
        ("sealed", models.BinaryField(null=True)),
        ("source_id", models.BigIntegerField()),
        ("txid", models.BigIntegerField()),
        ("seq", models.BigIntegerField()),
    ],
)


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.RunSQL(_CREATE, _DROP)], state_operations=[_EVENT]
        ),
        migrations.CreateModel(
            name="Source",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.TextField(unique=True)),
                ("key_hash", models.BinaryField(max_length=32, unique=True)),
                ("created_at", models.DateTimeField()),
                ("last_used_at", models.DateTimeField(null=True)),
                ("revoked_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.CreateModel(
            name="Tally",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source_id", models.BigIntegerField()),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("count", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
                ("received_at", models.DateTimeField()),
            ],
        ),
        migrations.CreateModel(
            name="CatalogueEntry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.TextField()),
                ("name", models.TextField()),
                ("count", models.BigIntegerField()),
                ("first_at", models.DateTimeField()),
                ("last_at", models.DateTimeField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "name"), name="events_catalogue_name")
                ],
            },
        ),
        migrations.CreateModel(
            name="RejectedEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("fingerprint", models.BinaryField(max_length=32, unique=True)),
                ("code", models.TextField()),
                ("detail", models.TextField()),
                ("source_id", models.BigIntegerField()),
                ("kind", models.TextField(blank=True)),
                ("name", models.TextField(blank=True)),
                ("external_id", models.TextField(blank=True)),
                ("message_id", models.TextField(blank=True)),
                ("payload", models.BinaryField()),
                ("is_whole", models.BooleanField(default=True)),
                ("sent_at", models.DateTimeField(null=True)),
                ("received_at", models.DateTimeField()),
                ("last_received_at", models.DateTimeField()),
                ("times", models.IntegerField(default=1)),
                ("replayed_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("replayed_at", None)), fields=["-id"], name="events_rejected_open"
                    ),
                    models.Index(fields=["received_at"], name="events_rejected_received"),
                ],
            },
        ),
        migrations.CreateModel(
            name="SourceDay",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("count", models.BigIntegerField()),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("source_id", "day"), name="events_source_day")
                ],
            },
        ),
    ]
