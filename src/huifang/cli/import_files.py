"""What every import has in common at the terminal: a file, how it is read, a bar, a file of refused rows."""

import argparse
import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from huifang.cli import output
from huifang.cli.errors import RefusedFileError
from huifang.kernel import rows
from huifang.kernel.rows import RefusedRow, Row

MISSING = 2
_MEANINGS = {
    "broken_csv": "its quotes or columns cannot be made out",
    "cut_off": "the file ends in the middle of it; is the file whole?",
    "line_too_long": "over a million characters in one line",
    "not_an_object": "JSON, but no object",
    "not_json": "no JSON",
    "wrong_column_count": "it has more or fewer columns than the header",
    "wrong_encoding": "some bytes are no text in the file's encoding; name it with --encoding",
}


def add_options(parser: argparse.ArgumentParser, *, field: str, example: str) -> None:
    """Add the file, and how it is read, to *parser*; columns are read as *field*, such as *example*."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="a .csv, .jsonl or .ndjson file, also packed as .gz"
    )
    parser.add_argument(
        "--map",
        type=_pair,
        action="append",
        default=[],
        metavar=f"COLUMN={field}",
        help=f"read COLUMN as {field}, such as {example}; may be given again",
    )
    parser.add_argument(
        "--encoding",
        default="",
        metavar="E",
        help="how the file is written (default: UTF-8, UTF-16 and GB 18030 are told apart)",
    )
    parser.add_argument(
        "--refused", type=Path, metavar="FILE", help="where refused rows go (default: beside the file)"
    )


def _pair(text: str) -> tuple[str, str]:
    column, _, field = text.rpartition("=")
    if not (column and field):
        raise argparse.ArgumentTypeError(f"{text!r} does not read COLUMN=NAME")
    return column, field


def is_there(file: Path) -> bool:
    """Whether there is such a file; says so where there is none."""
    if not file.is_file():
        output.complaint(f"there is no file {file}")
        return False
    return True


def name_of(file: Path) -> str:
    """The name of *file* without its endings."""
    return Path(file.name.removesuffix(".gz")).stem


@contextmanager
def opened(arguments: argparse.Namespace) -> Iterator[tuple[Iterator[Row], "Refusals"]]:
    """The rows of the file that *arguments* name, under a bar, and where refused ones go."""
    file: Path = arguments.file
    refused = arguments.refused or file.with_name(f"{name_of(file)}.refused.csv")
    with _bar(file) as advance, Refusals(refused) as refusals:
        columns = dict(arguments.map)
        found = rows.read(file, encoding=arguments.encoding, columns=columns, on_bytes=advance)
        yield found, refusals


@contextmanager
def _bar(file: Path) -> Iterator[Callable[[int], None]]:
    """A progress bar over the bytes of *file*, where a person looks on."""
    console = Console(stderr=True)
    columns = (BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        task = progress.add_task(file.name, total=file.stat().st_size)
        yield lambda count: progress.advance(task, count)


class Refusals:
    """A CSV file of refused rows, which is made with the first of them; *counts* by reason."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.counts: Counter[str] = Counter()
        self._stream: TextIO | None = None

    def __enter__(self) -> "Refusals":
        return self

    def write(self, refused: RefusedRow) -> None:
        """Add one row: its number, the reason, and the row itself as JSON."""
        if self._stream is None:
            self._stream = self._begun()
        content = json.dumps(dict(refused.row), ensure_ascii=False, default=str)
        csv.writer(self._stream).writerow([refused.number, refused.code, content])
        self.counts[refused.code] += 1

    def _begun(self) -> TextIO:
        try:
            stream = self.file.open("w", encoding="utf-8-sig", newline="")
        except OSError as problem:
            raise RefusedFileError(file=self.file, problem=problem.strerror) from None
        csv.writer(stream).writerow(["row", "reason", "content"])
        return stream

    def told(self, meanings: Mapping[str, str]) -> list[str]:
        """How many rows were refused for what, and where they stand, as lines; none where none was."""
        known = {**_MEANINGS, **meanings}
        lines = [f"  {count} × {code}: {known.get(code, code)}" for code, count in self.counts.most_common()]
        return [*lines, f"Refused rows, with reasons: {self.file}"] if lines else []

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
