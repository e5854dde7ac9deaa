"""``huifang demo-wallet``: plays a wallet and its customers against a running product."""

import argparse
from pathlib import Path
from typing import Any

from huifang.cli import database
from huifang.cli.installation import Installation

_PEOPLE_MAX = 1_000_000
_ACTS_MAX = 10_000


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("demo-wallet", parents=[shared], help="play a wallet and its customers")
    parser.add_argument("--web-url", default="http://127.0.0.1:8000", help="where the web process answers")
    parser.add_argument("--gateway-url", default="http://127.0.0.1:8001", help="where the gateway answers")
    parser.add_argument("--people", type=_people, help="customers who join (default: 1200)")
    parser.add_argument("--acts-per-day", type=_acts, help="things that the median customer does a day")
    parser.set_defaults(run=run)


def _people(text: str) -> int:
    people = int(text)
    if not 1 <= people <= _PEOPLE_MAX:
        raise argparse.ArgumentTypeError(f"{text} is not between 1 and {_PEOPLE_MAX:,}")
    return people


def _acts(text: str) -> float:
    acts = float(text)
    if not 0 < acts <= _ACTS_MAX:
        raise argparse.ArgumentTypeError(f"{text} is not above 0 and at most {_ACTS_MAX:,}")
    return acts


def run(arguments: argparse.Namespace) -> int:
    """Play the wallet until told to stop."""
    database.join(Installation(arguments.data_dir))
    database.set_up()
    from huifang.demo import services

    return services.play(
        web_url=arguments.web_url,
        gateway_url=arguments.gateway_url,
        people=arguments.people,
        acts_per_day=arguments.acts_per_day,
    )


def environment(folder: Path) -> dict[str, str]:
    """What every process of a demo in the data folder gets, such as its compressed time."""
    from huifang.demo import services

    return services.prepare(folder=folder / "demo")
