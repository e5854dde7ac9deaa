"""``huifang backup`` and ``huifang restore``: the whole installation in one file, and back."""

import argparse
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from huifang.cli import archives, database, output
from huifang.cli.archives import Manifest
from huifang.cli.errors import FileExistsAlreadyError, NotEmptyError, WrongKeysError
from huifang.cli.installation import Installation
from huifang.kernel import clock, vault
from huifang.kernel.postgres import dumps

_BY = "command-line"
_MARKED, _MARK_CONTEXT = "which keyring is this", "backup"


def add(commands: Any, shared: argparse.ArgumentParser) -> None:
    """Add the commands."""
    make = commands.add_parser("backup", parents=[shared], help="write the whole installation into one file")
    make.add_argument("file", type=Path, metavar="FILE", help="the file to make; it must not be there yet")
    make.add_argument(
        "--with-keys",
        action="store_true",
        help="put the master keys into the file too; whoever has the file can then read everything",
    )
    make.set_defaults(run=backup)
    read = commands.add_parser("restore", parents=[shared], help="bring an installation back from a backup")
    read.add_argument("file", type=Path, metavar="FILE", help="a file that `huifang backup` made")
    read.add_argument("--replace", action="store_true", help="also where there are customers already")
    read.set_defaults(run=restore)


def backup(arguments: argparse.Namespace) -> int:
    """Write the backup beside its place, and move it there when it is whole."""
    installation, file = Installation(arguments.data_dir), arguments.file.absolute()
    if file.exists():
        raise FileExistsAlreadyError(file=file)
    file.parent.mkdir(parents=True, exist_ok=True)
    with (
        database.django(installation, purpose="backup"),
        tempfile.TemporaryDirectory(dir=file.parent, prefix=".huifang-") as scratch,
    ):
        part = Path(scratch) / "backup"
        _write(installation, part, Path(scratch) / archives.DUMP, with_keys=arguments.with_keys)
        _settle(part, file)
    output.line(f"{file} holds everything of {installation.folder}: {file.stat().st_size / 1e6:,.1f} MB.")
    if not arguments.with_keys:
        output.line(
            "The master keys are not in it. Keep a copy of them elsewhere: without them it is no use."
        )
    return 0


def _write(installation: Installation, part: Path, dump: Path, *, with_keys: bool) -> None:
    with _bar("database", _table_total()) as advance:
        dumps.dump(os.environ["DATABASE_URL"], dump, note=advance)
    with tarfile.open(part, mode="x:") as archive:
        part.chmod(0o600)
        writer = archives.Writer(archive)
        writer.add(archives.DUMP, dump)
        kept = [each for folder in installation.kept for each in archives.files_below(folder)]
        with _bar("files", len(kept)) as advance:
            for name, path in kept:
                writer.add(name, path)
                advance()
        if with_keys:
            writer.add(archives.KEYS, Path(os.environ.get("HUIFANG_KEY_FILE") or installation.key_file))
        writer.finish(
            Manifest(
                format=archives.FORMAT,
                product=version("huifang"),
                made_at=clock.now().isoformat(),
                key_mark=_key_mark(),
                members=writer.members,
            )
        )


def _settle(part: Path, file: Path) -> None:
    """Have the whole file on the disk before it takes its name; a name that was taken meanwhile stays."""
    with part.open("rb") as stream:
        os.fsync(stream.fileno())
    try:
        file.hardlink_to(part)
    except FileExistsError:
        raise FileExistsAlreadyError(file=file) from None
    handle = os.open(file.parent, os.O_RDONLY)
    os.fsync(handle)
    os.close(handle)


def restore(arguments: argparse.Namespace) -> int:
    """Check the whole backup first, restore it beside what is there, and change places in the end."""
    installation, file = Installation(arguments.data_dir), arguments.file.absolute()
    if not file.is_file():
        output.complaint(f"there is no file {file}")
        return 2
    installation.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=installation.folder, prefix="restore-") as scratch:
        found = Path(scratch)
        manifest = archives.unpack(file, found)
        _take_keys(installation, found / archives.KEYS)
        with database.alone(installation, purpose="restore"):
            _check(installation, file, manifest, replace=arguments.replace)
            aside = f"huifang_before_{clock.now():%Y%m%d%H%M%S}"
            _restore(found / archives.DUMP, aside=aside)
            _put_files_in_place(installation, found / "files", aside=installation.folder / aside)
            held = _hold()
    output.line(f"{file.name}, made {manifest.made_at}, is restored into {installation.folder}.")
    output.line(f"What was there before is kept in the database {aside}; drop it when you need it no more.")
    output.line(f"Every plan is paused ({held['plans']}), so that nobody is contacted twice:")
    output.line(f"  {held['attempts']} messages and {held['enrolments']} follow-ups that may have gone")
    output.line("  since the backup are closed. Look at the plans, then resume them one by one.")
    return 0


def _take_keys(installation: Installation, given: Path) -> None:
    """Let a backup bring its keys to an installation that has none."""
    if given.is_file() and not os.environ.get("HUIFANG_KEYS") and not installation.key_file.exists():
        installation.key_file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(given, installation.key_file)
        installation.key_file.chmod(0o600)


def _check(installation: Installation, file: Path, manifest: Manifest, *, replace: bool) -> None:
    if _key_mark() != manifest.key_mark:
        raise WrongKeysError(file=file, key_file=installation.key_file)
    if not replace and (customers := dumps.row_count(os.environ["DATABASE_URL"], "customers_customer")):
        raise NotEmptyError(folder=installation.folder, customers=customers)


def _restore(dump: Path, *, aside: str) -> None:
    url, fresh = os.environ["DATABASE_URL"], "huifang_restoring"
    total = dumps.table_count(dump)
    dumps.make(url, fresh)
    with _bar("database", total) as advance:
        dumps.restore(dumps.named(url, fresh), dump, note=advance)
    database.close_connections()
    dumps.put_in_place(url, fresh=fresh, aside=aside)
    database.migrate()


def _put_files_in_place(installation: Installation, found: Path, *, aside: Path) -> None:
    for folder in installation.kept:
        aside.mkdir(exist_ok=True, mode=0o700)
        folder.rename(aside / folder.name)
    for folder in found.iterdir() if found.is_dir() else ():
        folder.rename(installation.folder / folder.name)


def _hold() -> dict[str, int]:
    """Stop what may have happened since the backup from happening again."""
    from huifang.delivery import services as delivery
    from huifang.plans import services as plans

    now = clock.now()
    paused, enrolments = plans.note_restored(by=_BY, now=now)
    return {"plans": paused, "enrolments": enrolments, "attempts": delivery.note_restored(now=now)}


def _key_mark() -> str:
    return vault.blind_index(_MARKED, context=_MARK_CONTEXT).hex()


def _table_total() -> int:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " AND relname <> 'django_session'"
        )
        return int(cursor.fetchone()[0])


@contextmanager
def _bar(what: str, total: int) -> Iterator[Callable[[], None]]:
    columns = (TextColumn("{task.description:<10}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task(what, total=total)
        yield lambda: progress.advance(task)
