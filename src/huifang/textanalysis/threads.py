"""Holds linear algebra to one thread: on a small machine more of them wait for each other."""

from contextlib import AbstractContextManager
from functools import cache
from typing import Any


@cache
def _controller() -> Any:
    from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]

    return ThreadpoolController()


def one() -> AbstractContextManager[Any]:
    """While it is open, BLAS and OpenMP use one thread."""
    limited: AbstractContextManager[Any] = _controller().limit(limits=1)
    return limited
