"""The demo wallet: how its time is compressed, and the command that runs it."""

import argparse
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

from huifang.cli import database
from huifang.cli.installation import Installation
from huifang.kernel.clock import CompressedTime

# A fortnight is lived through in about a minute; what is left of it then passes at a minute a second.
_PAST = timedelta(days=14)
_RUSH_SECONDS = 60.0
_RUSH_SPEED = timedelta(days=13.5).total_seconds() / _RUSH_SECONDS
_SPEED = 60.0


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("demo-wallet", parents=[shared], help="play a wallet and its customers")
    parser.add_argument("--web-url", default="http://127.0.0.1:8000", help="where the web process answers")
    parser.add_argument("--gateway-url", default="http://127.0.0.1:8001", help="where the gateway answers")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the wallet until told to stop."""
    database.join(Installation(arguments.data_dir))
    play = import_module("huifang.cli.wallet.play")
    code: int = play.run(web_url=arguments.web_url, gateway_url=arguments.gateway_url)
    return code


def clock_value(file: Path, *, real: datetime | None = None) -> str:
    """The compressed time of this demo, kept in *file*, so that it never goes back when started again."""
    if file.exists():
        return file.read_text(encoding="ascii").strip()
    real = real or datetime.now(UTC)
    value = CompressedTime(
        real_start=real,
        start=real - _PAST,
        rush_speed=_RUSH_SPEED,
        rush_seconds=_RUSH_SECONDS,
        speed=_SPEED,
    ).encode()
    file.write_text(f"{value}\n", encoding="ascii")
    return value
