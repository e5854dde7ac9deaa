"""Coroutines in tests. A browser test leaves its loop running in the main thread, so each runs in another."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def run(coroutine: Coroutine[Any, Any, Result], *, seconds: float) -> Result:
    """Its result; TimeoutError after so many seconds."""
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(lambda: asyncio.run(_within(coroutine, seconds))).result()  # noqa: TID251


async def _within(coroutine: Coroutine[Any, Any, Result], seconds: float) -> Result:
    return await asyncio.wait_for(coroutine, seconds)
