"""What every import has in common at the terminal: a file, how it is read, a bar, a file of refused rows."""

import argparse
import csv
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from django.utils.translation import gettext
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TimeRemainingColumn

from huifang.cli import database, output
from huifang.cli.errors import RefusedFileError
from huifang.cli.installation import Installation
from huifang.kernel import rows, telling
from huifang.kernel.refusals import Refusal
from huifang.kernel.row_reasons import meaning_of
from huifang.kernel.rows import RefusedRow, Row
from huifang.kernel.textfiles import TWICE

MISSING = REFUSED = 2
_SETTINGS = {"time_format": "--time-format", "encoding": "--encoding", "event": "--event"}
_LANGUAGE_NAMES = ("LC_ALL", "LC_MESSAGES", "LANG")  # in this order, as gettext itself asks


def add_options(parser: argparse.ArgumentParser, *, field: str, example: str) -> None:
    """Add the file, and how it is read, to *parser*; columns are read as *field*, such as *example*."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="a .csv, .jsonl or .ndjson file, also packed as .gz, or a .parquet file",
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
        help="how the text is written (default: UTF-8, UTF-16 and GB 18030 are told apart)",
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


def run(arguments: argparse.Namespace, work: Callable[[], int]) -> int:
    """Do *work* on the database and speak the language of whoever reads; a refusal is one line in it too."""
    from django.utils import translation

    installation = Installation(arguments.data_dir)
    with database.django(installation, purpose="import"), translation.override(language(os.environ)):
        try:
            return work()
        except Refusal as refusal:
            output.complaint(telling.told(refusal))
            return REFUSED


def language(environment: Mapping[str, str]) -> str:
    """The language that a terminal's environment asks for: Chinese or English."""
    asked = next((environment[name] for name in _LANGUAGE_NAMES if environment.get(name)), "")
    return "zh-hans" if asked.lower().startswith("zh") else "en"


@contextmanager
def opened(arguments: argparse.Namespace, *, kind: str) -> Iterator[tuple[Iterator[Row], "Refusals"]]:
    """The rows of the file that *arguments* name, under a bar, and where refused ones of *kind* go."""
    file: Path = arguments.file
    refused = arguments.refused or file.with_name(f"{name_of(file)}.refused.csv")
    with _bar(file) as advance, Refusals(refused, kind=kind) as refusals:
        found = rows.read(
            file,
            encoding=arguments.encoding,
            columns=dict(arguments.map),
            on_bytes=advance,
            on_garbled=refusals.note_garbled,
        )
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

    def __init__(self, file: Path, *, kind: str) -> None:
        self.file = file
        self.counts: Counter[str] = Counter()
        self._kind = kind
        self._garbled = 0
        self._stream: TextIO | None = None

    def __enter__(self) -> "Refusals":
        return self

    def write(self, refused: RefusedRow) -> None:
        """Add one row: its number, the reason as a code and in words, and the row itself as JSON."""
        if self._stream is None:
            self._stream = self._begun()
        content = json.dumps(dict(refused.row), ensure_ascii=False, default=str)
        csv.writer(self._stream).writerow(
            [refused.number, refused.code, self._meaning(refused.code), content]
        )
        self.counts[refused.code] += 1

    def note_garbled(self) -> None:
        """Count one line that was read in a wrong encoding by whoever wrote it."""
        self._garbled += 1

    def _meaning(self, code: str) -> str:
        return meaning_of(self._kind, code, settings=_SETTINGS)

    def _begun(self) -> TextIO:
        try:
            stream = self.file.open("w", encoding="utf-8-sig", newline="")
        except OSError as problem:
            raise RefusedFileError(file=self.file, problem=problem.strerror) from None
        csv.writer(stream).writerow(["row", "reason", "meaning", "content"])
        return stream

    def told(self) -> list[str]:
        """How many rows were refused for what, and where they stand, as lines; none where none was."""
        lines = [f"  {count} × {code}: {self._meaning(code)}" for code, count in self.counts.most_common()]
        if lines:
            lines.append(gettext("Refused rows, with reasons: {file}").format(file=self.file))
        if self._garbled:
            text = gettext(
                "{count} lines hold text that is garbled, such as Ã© for é. It was taken as it is; "
                "--encoding {twice} mends it, before the first import."
            )
            lines.append(text.format(count=self._garbled, twice=TWICE))
        return lines

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()
