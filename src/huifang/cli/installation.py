"""Knows the data folder: what lies where, who holds it, and which environment its programs get."""

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from huifang.cli.errors import DataFolderHeldError
from huifang.kernel import processes, vault
from huifang.kernel.postgres import place

SETTINGS_MODULE = "huifang.config.settings"
_RETRY_SECONDS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """The process that holds a data folder, and the ports it serves (0 where it serves none)."""

    pid: int
    purpose: str
    port: int = 0
    gateway_port: int = 0


@dataclass(frozen=True, slots=True)
class Installation:
    """The data folder of one installation."""

    folder: Path

    @property
    def key_file(self) -> Path:
        """The file of the master keys."""
        return self.folder / "keys" / "master.key"

    @property
    def url_file(self) -> Path:
        """Where the address of a running embedded server is kept."""
        return self.folder / "run" / "database.url"

    @property
    def postgres(self) -> Path:
        """The folder of the embedded server."""
        return self.folder / "pg"

    @property
    def logs(self) -> Path:
        """Where supervised programs write."""
        return self.folder / "logs"

    @property
    def kept(self) -> list[Path]:
        """The folders of files that cannot be made again: what customers sent in, imports, facts."""
        made = {"pg", "run", "keys", "logs", "static"}
        passing = ("restore-", "huifang_before_", ".")
        found = [each for each in self.folder.iterdir() if each.is_dir() and not each.is_symlink()]
        return sorted(each for each in found if each.name not in made and not each.name.startswith(passing))

    @property
    def lock_file(self) -> Path:
        """Held, while a process works on this folder."""
        return self.folder / "lock"

    def prepare(self) -> None:
        """Make the folders, and the first master key unless one is configured."""
        place.make_passable(self.folder)
        (self.folder / "static").mkdir(exist_ok=True)
        for closed in (self.folder / "run", self.folder / "keys", self.logs):
            closed.mkdir(mode=0o700, exist_ok=True)
        if not (os.environ.get("HUIFANG_KEYS") or os.environ.get("HUIFANG_KEY_FILE")):
            vault.create_key_file(self.key_file)

    def environment(self, *, database_url: str) -> dict[str, str]:
        """This process's environment with what programs of this installation need."""
        chosen = {"HUIFANG_DATA_DIR": str(self.folder), "DATABASE_URL": database_url}
        usual = {
            "HUIFANG_KEY_FILE": str(self.key_file),
            "DJANGO_SETTINGS_MODULE": SETTINGS_MODULE,
            **self._shared(),
        }
        given = {name: value for name, value in os.environ.items() if value}
        return {**usual, **given, **chosen}

    def holder(self) -> Holder | None:
        """Who holds this folder, or None. Momentarily takes the lock to find out."""
        try:
            with self.lock_file.open("r+") as stream:
                if _try_lock(stream.fileno()):
                    return None
                return _read_holder(stream.read())
        except FileNotFoundError:
            return None

    @contextlib.contextmanager
    def held(self, holder: Holder, *, wait_seconds: float = 0.0) -> Iterator[None]:
        """Hold this folder for the length of a block; the lock ends with the process, however it ends.

        Waits for another holder to leave, but never for a `huifang up`. Raises `DataFolderHeldError`.
        """
        deadline = time.monotonic() + wait_seconds
        with self.lock_file.open("a+") as stream:
            while not _try_lock(stream.fileno()):
                stream.seek(0)
                other = _read_holder(stream.read())
                is_product = other.purpose == "up" and processes.is_alive(other.pid)
                if is_product or time.monotonic() > deadline:
                    raise DataFolderHeldError(folder=self.folder, purpose=other.purpose, pid=other.pid)
                time.sleep(_RETRY_SECONDS)
            stream.truncate(0)
            stream.write(json.dumps({name: getattr(holder, name) for name in Holder.__slots__}))
            stream.flush()
            yield

    def share(self, environment: Mapping[str, str]) -> None:
        """Let commands beside a running product have what it chose, such as a demo's compressed time."""
        chosen = {name: value for name, value in environment.items() if os.environ.get(name) != value}
        self._shared_file.touch(mode=0o600)
        self._shared_file.write_text(json.dumps(chosen), encoding="utf-8")

    def withdraw(self) -> None:
        """Take back what was shared, and the address of the database."""
        self._shared_file.unlink(missing_ok=True)
        self.url_file.unlink(missing_ok=True)

    @property
    def _shared_file(self) -> Path:
        return self.folder / "run" / "environment.json"

    def _shared(self) -> dict[str, str]:
        if self.holder() is None:  # Left behind by a product that was killed.
            return {}
        try:
            found: dict[str, str] = json.loads(self._shared_file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return {}
        return found

    def write_url(self, url: str) -> None:
        """Let other commands find the embedded server."""
        self.url_file.write_text(f"{url}\n", encoding="utf-8")

    def read_url(self) -> str:
        """The address of the embedded server that runs, or ""."""
        with contextlib.suppress(FileNotFoundError):
            return self.url_file.read_text(encoding="utf-8").strip()
        return ""


def _try_lock(handle: int) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read_holder(text: str) -> Holder:
    try:
        return Holder(**json.loads(text))
    except (ValueError, TypeError):  # It has just taken the lock and not yet written who it is.
        return Holder(pid=0, purpose="?")
