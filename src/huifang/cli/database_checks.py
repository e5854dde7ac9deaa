"""The doctor's checks of the database; all need one that runs."""

import os
from datetime import UTC, datetime, timedelta

import psycopg

from huifang.cli import database
from huifang.cli.findings import Check, Finding, Patient, bad, good, note
from huifang.kernel.postgres.binaries import MAJOR_MIN
from huifang.kernel.postgres.server import EXTENSIONS

_CLOCK_DRIFT_NOTE, _CLOCK_DRIFT_BAD = timedelta(seconds=2), timedelta(minutes=1)


def all_findings(patient: Patient) -> list[Finding]:
    """Every finding; only the first where the database cannot be reached."""
    if not patient.url:
        return [note("database", "not running", "Start it with `huifang up`, then run this again.")]
    try:
        with psycopg.connect(patient.url, connect_timeout=5, autocommit=True) as connection:
            return [check(connection) for check in _ASKED] + [check(patient) for check in _LOADED]
    except psycopg.OperationalError as error:
        reason = str(error).strip().splitlines()[0]
        return [bad("database", reason, "Check DATABASE_URL, and that the server runs.")]
    finally:
        database.close_connections()


def version(connection: psycopg.Connection) -> Finding:
    """The server's version."""
    number = connection.info.server_version
    text = f"PostgreSQL {number // 10_000}.{number % 10_000}"
    if number // 10_000 < MAJOR_MIN:
        return bad("database", f"{text} is too old", f"Use PostgreSQL {MAJOR_MIN} or newer.")
    return good("database", f"{text} answers")


def encoding(connection: psycopg.Connection) -> Finding:
    """Whether every language can be stored."""
    found = connection.info.parameter_status("server_encoding")
    if found != "UTF8":
        return bad("encoding", f"{found}", "Make the database anew with ENCODING 'UTF8'.")
    return good("encoding", "UTF8")


def extensions(connection: psycopg.Connection) -> Finding:
    """Whether the extensions are there."""
    rows = connection.execute("SELECT extname FROM pg_extension").fetchall()
    missing = [name for name in EXTENSIONS if (name,) not in rows]
    if missing:
        statements = " ".join(f"CREATE EXTENSION {name};" for name in missing)
        return bad("extensions", f"missing: {', '.join(missing)}", f"As a superuser: {statements}")
    return good("extensions", ", ".join(EXTENSIONS))


def clock(connection: psycopg.Connection) -> Finding:
    """Whether this machine and the server agree on the time."""
    before = datetime.now(UTC)
    row = connection.execute("SELECT clock_timestamp()").fetchone()
    assert row is not None
    drift = abs(row[0] - (before + (datetime.now(UTC) - before) / 2))
    text = f"{drift.total_seconds():.2f} s apart from the database"
    if drift > _CLOCK_DRIFT_BAD:
        return bad("clock", text, "Set both clocks by NTP: nobody is contacted at an untrusted time.")
    if drift > _CLOCK_DRIFT_NOTE:
        return note("clock", text, "Set both clocks by NTP.")
    return good("clock", text)


def schema(patient: Patient) -> Finding:
    """Whether all migrations are applied."""
    os.environ.update(patient.installation.environment(database_url=patient.url))
    database.set_up()
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if waiting:
        return bad("schema", f"{waiting} migrations are not applied", "Run: huifang migrate")
    return good("schema", "up to date")


def settings(patient: Patient) -> Finding:
    """What Django's own system checks say."""
    from django.core.checks import WARNING, run_checks

    found = [message for message in run_checks() if message.level >= WARNING and not message.is_silenced()]
    if found:
        advice = "; ".join(str(message.hint) for message in found if message.hint) or "See the settings page."
        return bad("settings", "; ".join(str(message.msg) for message in found), advice)
    return good("settings", "consistent")


_ASKED = (version, encoding, extensions, clock)
_LOADED: tuple[Check, ...] = (schema, settings)
