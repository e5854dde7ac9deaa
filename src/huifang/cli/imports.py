"""``huifang import customers|events|feedback FILE``: takes a file in and reports every refused row."""

import argparse
from datetime import UTC, datetime
from typing import Any

from huifang.cli import database, import_files, output
from huifang.cli.installation import Installation
from huifang.customers.records import ImportReport
from huifang.kernel import clock

_CUSTOMER_MEANINGS = {
    "missing_id": "no id of a customer",
    "unusable_id": "the customer's id is over 255 characters, or has control characters in it",
}


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    kinds = commands.add_parser("import", help="take in what another system knows").add_subparsers(
        title="kinds", metavar="KIND", required=True
    )
    customers = kinds.add_parser("customers", parents=[shared], help="customers from CSV or JSON Lines")
    import_files.add_options(customers, field="TRAIT", example="手机号=phone")
    customers.add_argument(
        "--as-of",
        type=_instant,
        metavar="D",
        help="when the file was true (a day or instant, UTC unless it says otherwise): newer wins",
    )
    customers.set_defaults(run=import_customers)


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def import_customers(arguments: argparse.Namespace) -> int:
    """Import one file. Returns 1 where rows were refused, which then stand in a file with their reasons."""
    if not import_files.is_there(arguments.file):
        return import_files.MISSING
    with database.django(Installation(arguments.data_dir), purpose="import"):
        from huifang.customers import services

        with import_files.opened(arguments) as (rows, refusals):
            report = services.import_customers(
                rows=rows,
                mapping=dict(arguments.map),
                now=clock.now(),
                as_of=arguments.as_of,
                on_refused=refusals.write,
            )
    for line in (*told(report), *refusals.told(_CUSTOMER_MEANINGS)):
        output.line(line)
    return 1 if report.refused else 0


def told(report: ImportReport) -> list[str]:
    """What came of it, as lines."""
    dropped = report.dropped.items()
    return [
        f"{report.read} rows read: {report.created} customers are new, {report.updated} changed, "
        f"{report.unchanged} were as they are, {report.refused} rows refused.",
        *(f"{count} values of {name} made no sense and were left out" for name, count in dropped),
    ]
