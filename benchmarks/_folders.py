"""Folders for benchmarks that start PostgreSQL."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A passing folder that PostgreSQL's account reaches where root measures.

    Out of a closed one the cluster moves, and its gigabytes would stay when the folder is gone.
    """
    with tempfile.TemporaryDirectory(prefix="huifang-bench-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)
