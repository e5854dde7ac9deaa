"""Takes out each guard of tests/guards.toml, one at a time, and shows that its test then fails.

    .venv/bin/python tools/guards.py [PART OF A NAME ...]

Works on a copy of the tree, never on the tree itself. A test that still passes without its guard proves
nothing; a guard whose test fails with it in place too proves nothing either, so both are tried.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "tests" / "guards.toml"
COPIED = ("src", "tests", "tools", "pyproject.toml", "docs", "locale")
PASSED, FAILED = 0, 1  # of pytest; anything else is neither
SECONDS_MAX = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One place of the code, as it is and without the guard."""

    file: str
    takes_out: str
    puts_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A guard: where it stands, and the test that watches it."""

    name: str
    changes: tuple[Change, ...]
    test: str


def read() -> list[Guard]:
    """The guards of the table, in its order."""
    rows = tomllib.loads(TABLE.read_text("utf-8"))["guard"]
    return [
        Guard(
            name=row["name"],
            changes=tuple(
                Change(file=each["file"], takes_out=each["takes_out"], puts_in=each.get("puts_in", ""))
                for each in (row, *row.get("also", ()))
            ),
            test=row["test"],
        )
        for row in rows
    ]


def run(tree: Path, test: str) -> int:
    """Pytest's exit code for *test* in *tree*."""
    command = [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", test]
    environment = {**os.environ, "PYTHONPATH": str(tree / "src"), "PYTHONDONTWRITEBYTECODE": "1"}
    quiet = subprocess.DEVNULL
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, stdout=quiet, stderr=quiet, timeout=SECONDS_MAX
        )
    except subprocess.TimeoutExpired:
        return FAILED  # it waits for what never comes
    return done.returncode


def without(tree: Path, guard: Guard) -> int:
    """The exit code of the guard's test once the guard is out; *tree* is as before afterwards."""
    kept: dict[Path, str] = {}
    try:
        for change in guard.changes:
            path = tree / change.file
            text = path.read_text("utf-8")
            kept.setdefault(path, text)
            path.write_text(text.replace(change.takes_out, change.puts_in, 1), "utf-8")
        return run(tree, guard.test)
    finally:
        for path, text in kept.items():
            path.write_text(text, "utf-8")


def copied(to: Path) -> Path:
    """A copy of what tests need below *to*."""
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, to / name, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
        else:
            shutil.copy2(source, to / name)
    to.chmod(0o755)  # PostgreSQL's own user reads the code
    return to


def main() -> int:
    """Try the guards asked for; 1 where a test does not watch its guard."""
    parser = argparse.ArgumentParser(description="Show that each guard is watched by its test.")
    parser.add_argument("names", nargs="*", help="parts of names (default: all)")
    asked = parser.parse_args().names
    guards = [guard for guard in read() if not asked or any(part in guard.name for part in asked)]
    unwatched = 0
    with tempfile.TemporaryDirectory(prefix="hf-guards-") as folder:
        tree = copied(Path(folder))
        for guard in guards:
            kept, taken = run(tree, guard.test), without(tree, guard)
            is_watched = (kept, taken) == (PASSED, FAILED)
            unwatched += not is_watched
            said = "ok" if is_watched else f"NOT WATCHED (with {kept}, without {taken})"
            print(f"{said:<4} {guard.name}: {guard.test}", flush=True)
    print(f"{len(guards) - unwatched} of {len(guards)} guards are watched")
    return 1 if unwatched else 0


if __name__ == "__main__":
    sys.exit(main())
