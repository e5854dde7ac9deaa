"""``huifang demo-wallet``: plays a wallet and its customers against a running product."""

import argparse
from pathlib import Path
from typing import Any

from huifang.cli import database
from huifang.cli.installation import Installation


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the command."""
    parser = commands.add_parser("demo-wallet", parents=[shared], help="play a wallet and its customers")
    parser.add_argument("--web-url", default="http://127.0.0.1:8000", help="where the web process answers")
    parser.add_argument("--gateway-url", default="http://127.0.0.1:8001", help="where the gateway answers")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play the wallet until told to stop."""
    database.join(Installation(arguments.data_dir))
    database.set_up()
    from huifang.demo import services

    return services.play(web_url=arguments.web_url, gateway_url=arguments.gateway_url)


def environment(folder: Path) -> dict[str, str]:
    """What every process of a demo in the data folder gets, such as its compressed time."""
    from huifang.demo import services

    return services.prepare(folder=folder / "demo")
