"""The file of a backup: the database's dump and the kept files in one tar, whose last member lists them all.

The list comes last, so that a file which was cut off has none and is refused before anything is touched.
"""

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from huifang.cli.errors import BrokenBackupError

FORMAT = 1
DUMP, KEYS, _LIST = "database.dump", "keys/master.key", "manifest.json"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a backup holds. *members*: SHA-256 by name; *key_mark* tells the right keyring."""

    format: int
    product: str
    made_at: str
    key_mark: str
    members: dict[str, str]


class Writer:
    """Adds members to a backup and remembers their sums."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self._archive = archive
        self.members: dict[str, str] = {}

    def add(self, name: str, file: Path) -> bool:
        """Add *file*; False where it has gone meanwhile."""
        try:
            stream = file.open("rb")
        except FileNotFoundError:
            return False
        with stream:
            member = self._archive.gettarinfo(arcname=name, fileobj=stream)
            member.uid = member.gid = 0
            member.uname = member.gname = ""
            summed = _Summed(stream)
            self._archive.addfile(member, summed)
        self.members[name] = summed.digest()
        return True

    def finish(self, manifest: Manifest) -> None:
        """Add the list, which makes the backup whole."""
        text = json.dumps(asdict(manifest), indent=1).encode()
        member = tarfile.TarInfo(_LIST)
        member.size, member.mode = len(text), 0o600
        self._archive.addfile(member, io.BytesIO(text))


class _Summed:
    """A stream that is summed while it is read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream, self._sum = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        data = self._stream.read(size)
        self._sum.update(data)
        return data

    def digest(self) -> str:
        """The sum of what was read."""
        return self._sum.hexdigest()


def files_below(folder: Path) -> Iterator[tuple[str, Path]]:
    """Every file below *folder* with its name in a backup; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            yield f"files/{folder.name}/{path.relative_to(folder).as_posix()}", path


def unpack(file: Path, target: Path) -> Manifest:
    """Unpack a backup into *target* and check every sum. Raises `BrokenBackupError`."""
    sums: dict[str, str] = {}
    text = b""
    try:
        with tarfile.open(file, mode="r:") as archive:
            for member in archive:
                if member.name == _LIST:
                    text = _content(archive, member).read()
                else:
                    sums[member.name] = _write(_content(archive, member), _inside(target, member.name, file))
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BrokenBackupError(file=file, problem=str(error)) from error
    manifest = _read(text, file)
    if manifest.members != sums:
        changed = {*manifest.members.items()} ^ {*sums.items()}
        raise BrokenBackupError(file=file, problem=f"{sorted(changed)[0][0]} is missing or was changed")
    return manifest


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo) -> IO[bytes]:
    content = archive.extractfile(member) if member.isreg() else None
    if content is None:
        raise tarfile.TarError(f"{member.name} is no plain file")
    return content


def _inside(target: Path, name: str, file: Path) -> Path:
    """Where a member goes, which is never outside of *target*."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or not name:
        raise BrokenBackupError(file=file, problem=f"{name!r} leads out of the backup")
    return target.joinpath(*path.parts)


def _write(content: IO[bytes], path: Path) -> str:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    summed = _Summed(content)
    with path.open("xb") as stream:
        path.chmod(0o600)
        while data := summed.read(_CHUNK):
            stream.write(data)
    return summed.digest()


def _read(text: bytes, file: Path) -> Manifest:
    if not text:
        raise BrokenBackupError(file=file, problem="it was cut off")
    try:
        manifest = Manifest(**json.loads(text))
    except (ValueError, TypeError) as error:
        raise BrokenBackupError(file=file, problem="its list cannot be read") from error
    if manifest.format > FORMAT:
        raise BrokenBackupError(file=file, problem=f"it was made by a newer version, {manifest.product}")
    return manifest
