"""``huifang person create``: lets somebody in, before anybody can sign in to do so."""

import argparse
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation
from huifang.kernel import clock


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    people = commands.add_parser("person", help="people who sign in").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    make = people.add_parser("create", parents=[shared], help="invite somebody and print their link")
    make.add_argument("--email", required=True, help="the address they sign in with")
    make.add_argument("--role", required=True, help="what they may do, such as `admin` or `operations`")
    make.add_argument("--name", default="", help="how they are called")
    make.set_defaults(run=create)


def create(arguments: argparse.Namespace) -> int:
    """Invite a person; the link is the last line."""
    with database.django(Installation(arguments.data_dir), purpose="person create"):
        from huifang.console import services

        link = services.invite(
            email=arguments.email,
            role=arguments.role,
            by="command-line",
            now=clock.now(),
            name=arguments.name,
        )
    output.line(f"{arguments.email} is invited. The link is shown this once and lets them set a password:")
    output.line(link)
    return 0
