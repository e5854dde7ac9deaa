"""``huifang text analyse FILE`` finds what texts of a file mean; ``evaluate`` measures how well."""

import argparse
import csv
import json
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from huifang.cli import database, import_files, output
from huifang.cli.errors import RefusedFileError
from huifang.cli.installation import Installation
from huifang.kernel import rows
from huifang.kernel.rows import RefusedRow
from huifang.textanalysis.records import ArchiveOrder, Figure, Layout

_ENGINES = ("fused", "tfidf", "rules")
_FORMATS = ("jsonl", "csv")


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    kinds = commands.add_parser("text", help="find out what texts mean").add_subparsers(
        title="acts", metavar="ACT", required=True
    )
    _add_analyse(kinds, shared)
    parser = kinds.add_parser(
        "evaluate", parents=[shared], help="measure the engines on public labelled sets"
    )
    parser.add_argument("sets", nargs="*", metavar="SET", help="names of sets (default: all that are there)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="folder of the sets; none are shipped")
    parser.add_argument("--engine", choices=("fused", "tfidf"), default="fused")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.set_defaults(run=evaluate)


def _add_analyse(kinds: Any, shared: argparse.ArgumentParser) -> None:
    parser = kinds.add_parser("analyse", parents=[shared], help="findings for every text of a file")
    import_files.add_options(parser, field="FIELD", example="评论=text, 编号=key or 评分=rating")
    parser.add_argument(
        "--to", type=Path, metavar="FILE", help="where findings go (default: beside the file)"
    )
    parser.add_argument("--format", choices=_FORMATS, default="jsonl")
    parser.add_argument("--engine", choices=_ENGINES, default="fused")
    parser.add_argument(
        "--rating-max",
        type=float,
        default=5.0,
        metavar="N",
        help="the best rating that a customer can give (default: 5)",
    )
    parser.add_argument(
        "--rating-min", type=float, default=1.0, metavar="N", help="and the worst (default: 1)"
    )
    parser.set_defaults(run=analyse)


def analyse(arguments: argparse.Namespace) -> int:
    """Analyse one file. Returns 1 where rows were refused. Goes on where a killed run stopped."""
    file: Path = arguments.file
    if not import_files.is_there(file):
        return import_files.MISSING
    if arguments.rating_min >= arguments.rating_max:
        output.complaint("--rating-min must be less than --rating-max")
        return import_files.REFUSED
    name = import_files.name_of(file)
    to = arguments.to or file.with_name(f"{name}.findings.{arguments.format}")
    layout = Layout(mapping=dict(arguments.map), worst=arguments.rating_min, best=arguments.rating_max)
    order = ArchiveOrder(
        source=file, target=to, form=arguments.format, engine=arguments.engine, layout=layout
    )
    refused = _Refused(arguments.refused or file.with_name(f"{name}.refused.csv"))
    with _bar(file) as advance, refused:
        found = rows.read(
            file,
            encoding=arguments.encoding,
            columns=[column for column, _ in arguments.map],
            on_bytes=advance,
        )
        _set_up(arguments)
        from huifang.textanalysis import services

        report = services.analyse_archive(order=order, rows=found, on_refused=refused.write)
    if report.resumed:
        output.line(f"Went on after row {report.resumed}, where an earlier run stopped.")
    output.line(
        f"{report.read} rows read: {report.found} findings are in {to}, {report.refused} rows refused."
    )
    if report.refused:
        output.line(f"Refused rows, with reasons: {refused.file}")
    return 1 if report.refused else 0


def _set_up(arguments: argparse.Namespace) -> None:
    """Load Django without a database: nothing is stored, but the room's door knows its tables."""
    os.environ.update(Installation(arguments.data_dir).environment(database_url=""))
    database.set_up()


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar over the bytes of *file*, where a person looks on."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)
        yield lambda count: progress.advance(task, count)


class _Refused:
    """A CSV file of refused rows, made with the first of them."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self._stack = ExitStack()
        self._stream: TextIO | None = None

    def __enter__(self) -> "_Refused":
        return self

    def write(self, refused: RefusedRow) -> None:
        """Add one row: its number, why, and what it holds."""
        if self._stream is None:
            try:
                opened = self.file.open("w", encoding="utf-8-sig", newline="")
            except OSError as problem:
                raise RefusedFileError(file=self.file, problem=problem.strerror) from None
            self._stream = self._stack.enter_context(opened)
            csv.writer(self._stream).writerow(["row", "reason", "content"])
        content = json.dumps(dict(refused.row), ensure_ascii=False, default=str)
        csv.writer(self._stream).writerow([refused.number, refused.code, content])

    def __exit__(self, *_: object) -> None:
        self._stack.close()


def evaluate(arguments: argparse.Namespace) -> int:
    """Measure on the sets that are there, and print each figure with its interval and its sizes."""
    _set_up(arguments)
    from huifang.textanalysis import queries

    known = queries.public_sets()
    unknown = [name for name in arguments.sets if name not in known]
    if arguments.data is None or unknown:
        wrong = f"there is no set {unknown[0]}" if unknown else "say where the sets are: --data FOLDER"
        output.complaint(f"{wrong}; sets are {', '.join(known)}")
        return import_files.REFUSED
    lines = []
    for name in arguments.sets or known:
        chosen = known[name]
        missing = [file for file in chosen.files if not (arguments.data / file).is_file()]
        if missing:
            output.complaint(f"{name} left out: there is no {missing[0]} in {arguments.data}")
            continue
        started = time.process_time()
        figures = queries.measured(name=name, folder=arguments.data, with_meaning=arguments.engine == "fused")
        seconds = time.process_time() - started
        for figure in figures:
            lines.append({"set": name, **asdict(figure), "published": chosen.published, "seconds": seconds})
            if not arguments.json:
                output.line(_told(name, figure, chosen.published))
    if arguments.json:
        output.line(json.dumps({"engine": arguments.engine, "figures": lines}, indent=2))
    return 0 if lines else 1


def _told(name: str, figure: Figure, published: str) -> str:
    interval = f"({figure.low:.3f} to {figure.high:.3f})"
    sizes = f"learnt {figure.learnt}, tried {figure.tried}"
    return f"{name:<14} {figure.name:<18} {figure.value:.3f} {interval}  {sizes:<28} {published}"
