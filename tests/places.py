"""Folders for tests that start PostgreSQL."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A passing folder that PostgreSQL's account reaches, even where the suite runs as root.

    Those of pytest are closed to others, and every run of pytest closes them again.
    """
    folder = Path(tempfile.mkdtemp(prefix="hf-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
