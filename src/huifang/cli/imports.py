"""``huifang import customers FILE``: takes customers from a file and reports every refused row."""

import argparse
import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from huifang.cli import database, output
from huifang.cli.installation import Installation
from huifang.customers.records import ImportReport, RefusedRow
from huifang.kernel import clock


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    kinds = commands.add_parser("import", help="take in what another system knows").add_subparsers(
        title="kinds", metavar="KIND", required=True
    )
    customers = kinds.add_parser("customers", parents=[shared], help="customers from CSV or JSON Lines")
    customers.add_argument("file", type=Path, metavar="FILE", help="a .csv, .jsonl or .ndjson file")
    customers.add_argument(
        "--map",
        type=_pair,
        action="append",
        default=[],
        metavar="COLUMN=TRAIT",
        help="read COLUMN as TRAIT, such as 手机号=phone; may be given again",
    )
    customers.add_argument(
        "--as-of",
        type=_instant,
        metavar="D",
        help="when the file was true (a day or instant, UTC unless it says otherwise): newer wins",
    )
    customers.add_argument(
        "--refused", type=Path, metavar="FILE", help="where refused rows go (default: beside the file)"
    )
    customers.set_defaults(run=import_customers)


def _pair(text: str) -> tuple[str, str]:
    column, _, trait = text.rpartition("=")
    if not (column and trait):
        raise argparse.ArgumentTypeError(f"{text!r} does not read COLUMN=TRAIT")
    return column, trait


def _instant(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def import_customers(arguments: argparse.Namespace) -> int:
    """Import one file. Returns 1 where rows were refused, which then stand in a file with their reasons."""
    file: Path = arguments.file
    if not file.is_file():
        output.complaint(f"there is no file {file}")
        return 2
    refused: Path = arguments.refused or file.with_name(f"{file.stem}.refused.csv")
    with database.django(Installation(arguments.data_dir), purpose="import"):
        from huifang.customers import services

        with _bar(file) as advance, _Refusals(refused) as refusals:
            report = services.import_customers(
                rows=services.read_customers(file=file, on_bytes=advance),
                mapping=dict(arguments.map),
                now=clock.now(),
                as_of=arguments.as_of,
                on_refused=refusals.write,
            )
    for line in told(report, refused):
        output.line(line)
    return 1 if report.refused else 0


def told(report: ImportReport, refused: Path) -> list[str]:
    """What came of it, as lines."""
    lines = [
        f"{report.read} rows read: {report.created} customers are new, {report.updated} changed, "
        f"{report.unchanged} were as they are, {report.refused} rows refused."
    ]
    lines += [
        f"{count} values of {name} made no sense and were left out" for name, count in report.dropped.items()
    ]
    if report.refused:
        lines.append(f"Refused rows, with reasons: {refused}")
    return lines


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar over the bytes of *file*, where a person looks on."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)
        yield lambda count: progress.advance(task, count)


class _Refusals:
    """A CSV file of refused rows, which is made with the first of them."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stream: Any = None

    def __enter__(self) -> "_Refusals":
        return self

    def write(self, refused: RefusedRow) -> None:
        """Add one row: its number, the reason, and the row itself as JSON."""
        if self._stream is None:
            self._stream = self._file.open("w", encoding="utf-8-sig", newline="")
            csv.writer(self._stream).writerow(["row", "reason", "content"])
        content = json.dumps(dict(refused.row), ensure_ascii=False, default=str)
        csv.writer(self._stream).writerow([refused.number, refused.code, content])

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
