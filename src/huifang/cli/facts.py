"""``huifang facts``: how far the facts of Insights are written, and writing them anew."""

import argparse
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    facts = commands.add_parser("facts", help="the facts that Insights reads").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    seen = facts.add_parser("status", parents=[shared], help="how many facts there are, and up to when")
    seen.set_defaults(run=status)
    anew = facts.add_parser("rebuild", parents=[shared], help="have the worker write facts anew")
    anew.add_argument("topic", nargs="*", help="answers, invitations …; none: all")
    anew.set_defaults(run=rebuild)


def status(arguments: argparse.Namespace) -> int:
    """Print a line a topic."""
    with database.django(Installation(arguments.data_dir), purpose="facts status"):
        from huifang.insights import queries

        for each in queries.facts_status():
            until = each.as_of.isoformat(timespec="seconds") if each.as_of else "not written yet"
            output.line(f"{each.topic}: {each.rows:,} rows in {each.files} files, up to {until}")
    return 0


def rebuild(arguments: argparse.Namespace) -> int:
    """Begin topics anew."""
    with database.django(Installation(arguments.data_dir), purpose="facts rebuild"):
        from huifang.insights import services
        from huifang.kernel import clock

        topics = services.rebuild_facts(topics=arguments.topic, by="command-line", now=clock.now())
    output.line(f"The worker writes anew: {', '.join(topics)}.")
    return 0
