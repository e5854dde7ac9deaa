"""``huifang write-key`` and ``huifang api-key``: make, list and revoke the keys of other programs."""

import argparse
from datetime import datetime
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation
from huifang.kernel import clock

_BY = "command-line"


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    write = commands.add_parser("write-key", help="keys with which wallets send events").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    make = write.add_parser("create", parents=[shared], help="make a key and print it, this once")
    make.add_argument("--name", required=True, help="what sends with this key, such as `app`")
    make.set_defaults(run=create_write_key)
    write.add_parser("list", parents=[shared], help="every key").set_defaults(run=list_write_keys)
    end = write.add_parser("revoke", parents=[shared], help="end a key")
    end.add_argument("--name", required=True, help="the name the key was made with")
    end.set_defaults(run=revoke_write_key)
    _add_api_key(commands, shared)


def _add_api_key(commands: Any, shared: argparse.ArgumentParser) -> None:
    api = commands.add_parser("api-key", help="keys for the HTTP API").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    make = api.add_parser("create", parents=[shared], help="make a key and print it, this once")
    make.add_argument("--name", required=True, help="what uses this key")
    make.add_argument(
        "--role", required=True, help="role whose permissions the key has, such as `operations`"
    )
    make.set_defaults(run=create_api_key)
    api.add_parser("list", parents=[shared], help="every key").set_defaults(run=list_api_keys)
    end = api.add_parser("revoke", parents=[shared], help="end a key")
    end.add_argument("--name", required=True, help="the name the key was made with")
    end.set_defaults(run=revoke_api_key)


def create_write_key(arguments: argparse.Namespace) -> int:
    """Make a write key; it is the last line."""
    with database.django(Installation(arguments.data_dir), purpose="write-key create"):
        from huifang.events import services

        key = services.create_write_key(name=arguments.name, now=clock.now(), by=_BY)
    output.line(f"Write key {arguments.name} was made. It is shown this once; use it as the HTTP Basic user.")
    output.line(key)
    return 0


def list_write_keys(arguments: argparse.Namespace) -> int:
    """One line a key."""
    with database.django(Installation(arguments.data_dir), purpose="write-key list"):
        from huifang.events import queries

        for source in queries.sources(now=clock.now()):
            output.line(_row(source.name, source.created_at, source.revoked_at))
    return 0


def revoke_write_key(arguments: argparse.Namespace) -> int:
    """End a write key."""
    with database.django(Installation(arguments.data_dir), purpose="write-key revoke"):
        from huifang.events import services

        services.revoke_write_key(name=arguments.name, now=clock.now(), by=_BY)
    output.line(f"Write key {arguments.name} was revoked.")
    return 0


def create_api_key(arguments: argparse.Namespace) -> int:
    """Make an API key; it is the last line."""
    with database.django(Installation(arguments.data_dir), purpose="api-key create"):
        from huifang.api import services

        key = services.create_key(name=arguments.name, role=arguments.role, by=_BY, now=clock.now())
    output.line(f"API key {arguments.name} was made. It is shown this once; send it as a Bearer token.")
    output.line(key)
    return 0


def list_api_keys(arguments: argparse.Namespace) -> int:
    """One line a key."""
    with database.django(Installation(arguments.data_dir), purpose="api-key list"):
        from huifang.api.services import keys

        for key in keys():
            output.line(_row(f"{key.name} ({key.role})", key.created_at, key.revoked_at))
    return 0


def revoke_api_key(arguments: argparse.Namespace) -> int:
    """End an API key."""
    with database.django(Installation(arguments.data_dir), purpose="api-key revoke"):
        from huifang.api import services

        services.revoke_key(name=arguments.name, by=_BY, now=clock.now())
    output.line(f"API key {arguments.name} was revoked.")
    return 0


def _row(name: str, made: datetime, revoked: datetime | None) -> str:
    state = f"revoked {revoked:%Y-%m-%d %H:%M}" if revoked else "in use"
    return f"{name:<40} made {made:%Y-%m-%d %H:%M} UTC  {state}"
