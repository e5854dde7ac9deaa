"""Analyses an archive row by row into a file, and goes on where a killed run stopped. No database.

Beside the target lies a small file that says how many rows are done and how long the target was then; it is
replaced after every batch. What was written after it is cut off and done again: nothing is there twice.
"""

import csv
import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import BinaryIO

from huifang.kernel.rows import BrokenRow, RefusedRow, Row
from huifang.textanalysis import bulk
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.records import ArchiveReport, Finding, Layout, Text

NO_TEXT, BAD_RATING = "no_text", "bad_rating"
_BATCH = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where findings go. *form*: ``jsonl`` or ``csv``. *source* tells this archive from another."""

    file: Path
    form: str
    source: str

    @property
    def progress(self) -> Path:
        """The file that says how far it has come."""
        return self.file.with_name(f"{self.file.name}.progress")


def fingerprint(file: Path) -> str:
    """What changes when *file* becomes another file."""
    with file.open("rb") as stream:
        beginning = stream.read(65_536)
    return hashlib.sha256(f"{file.stat().st_size}:".encode() + beginning).hexdigest()[:16]


def analyse(
    rows: Iterable[Row],
    engine: Engine,
    target: Target,
    *,
    layout: Layout,
    on_refused: Callable[[RefusedRow], None] = lambda _: None,
) -> ArchiveReport:
    """Findings for each text of *rows* into *target*; a row without a text is refused."""
    run = f"{target.source}|{engine.version}|{target.form}|{sorted(layout.mapping.items())}"
    done, length = _done(target, run)
    numbered = enumerate(rows, start=1)
    read = found = refused = 0
    with target.file.open("r+b" if length else "wb") as stream:
        stream.truncate(length)
        stream.seek(length)
        while batch := list(islice(numbered, _BATCH)):
            read = batch[-1][0]
            texts, wrong = _texts(batch, layout)
            for each in wrong:
                on_refused(each)
            found, refused = found + len(texts), refused + len(wrong)
            new = [text for number, text in texts if number > done]
            if read > done:
                header = target.form == "csv" and stream.tell() == 0
                stream.write(_written(engine.analyse(new), target.form, header=header))
                _remember(target, run, read, stream)
    target.progress.unlink(missing_ok=True)
    return ArchiveReport(read=read, found=found, refused=refused, resumed=min(done, read))


def _done(target: Target, run: str) -> tuple[int, int]:
    """How many rows a run like this has done, and how long its file was then; none where it was another."""
    try:
        state = json.loads(target.progress.read_text(encoding="utf-8"))
        done, length = int(state["rows"]), int(state["bytes"])
        if state["run"] == run and target.file.stat().st_size >= length:
            return done, length
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return 0, 0


def _remember(target: Target, run: str, rows: int, stream: BinaryIO) -> None:
    stream.flush()
    os.fsync(stream.fileno())
    draft = target.progress.with_name(f"{target.progress.name}.new")
    draft.write_text(json.dumps({"run": run, "rows": rows, "bytes": stream.tell()}), encoding="utf-8")
    draft.replace(target.progress)


def _texts(batch: list[tuple[int, Row]], layout: Layout) -> tuple[list[tuple[int, Text]], list[RefusedRow]]:
    texts, wrong = [], []
    for number, row in batch:
        made = _text(number, row, layout)
        if isinstance(made, Text):
            texts.append((number, made))
        else:
            content = row if isinstance(row, Mapping) else {"text": row.text}
            wrong.append(RefusedRow(number=number, code=made, row=content))
    return texts, wrong


def _text(number: int, row: Row, layout: Layout) -> Text | str:
    """The text of a row, or the code of what is wrong with it."""
    if isinstance(row, BrokenRow):
        return row.code
    named = {layout.mapping.get(name, name): value for name, value in row.items()}
    text = named.get("text")
    if text is None or not str(text).strip():
        return NO_TEXT
    rating = named.get("rating")
    if rating is None or not str(rating).strip():
        share = None
    else:
        try:
            share = (float(str(rating)) - layout.worst) / (layout.best - layout.worst)
        except (ValueError, ZeroDivisionError):
            return BAD_RATING
        if not isfinite(share) or not 0 <= share <= 1:
            return BAD_RATING
    key = named.get("key")
    return Text(key=str(number if key in (None, "") else key), text=str(text), rating=share)


def _written(findings: list[Finding], form: str, *, header: bool) -> bytes:
    if form == "jsonl":
        return "".join(f"{bulk.line(finding)}\n" for finding in findings).encode("utf-8", "replace")
    stream = io.StringIO()
    writer = csv.writer(stream)
    if header:
        writer.writerow(bulk.SCHEMA.names)
    for finding in findings:
        writer.writerow(_cells(bulk.row(finding)))
    return stream.getvalue().encode("utf-8", "replace")


def _cells(row: Mapping[str, object]) -> Iterator[str]:
    """The cells of *row*; one that a spreadsheet would run as a formula begins with an apostrophe."""
    for value in row.values():
        cell = " | ".join(map(str, value)) if isinstance(value, list) else str(value)
        yield f"'{cell}" if cell[:1] in "=+-@\t\r" and not isinstance(value, int | float) else cell
