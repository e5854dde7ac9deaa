"""``huifang consent verify``: proves that nobody edited the ledger of consent."""

import argparse
from typing import Any

from huifang.cli import database, output
from huifang.cli.installation import Installation


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    consent = commands.add_parser("consent", help="the ledger of consent").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    check = consent.add_parser("verify", parents=[shared], help="check the whole ledger for edits and gaps")
    check.set_defaults(run=verify)


def verify(arguments: argparse.Namespace) -> int:
    """Check the chain. Returns 1 where it is broken, with a line for each break."""
    with database.django(Installation(arguments.data_dir), purpose="consent verify"):
        from huifang.customers import services

        report = services.verify_chain()
    for each in report.breaks:
        output.line(f"broken: {each}")
    if report.breaks:
        output.complaint(f"the ledger is broken in {len(report.breaks)} places of {report.entries} entries")
        return 1
    output.line(f"The ledger is whole: {report.entries} entries.")
    return 0
