"""An SMSC on a loopback socket, by an implementation of SMPP that is none of ours: smpp34."""

import asyncio
import queue
import socket
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import smpp34

ACCEPT = 0


@dataclass(slots=True)
class Smsc:
    """*status* is the answer to a submit_sm by its place, *vanishes*: none. It remembers what it got."""

    status: Callable[[int], int] = lambda _: ACCEPT
    vanishes: bool = False
    got: list[Any] = field(default_factory=list)
    bound: "queue.Queue[Any]" = field(default_factory=queue.Queue)
    url: str = ""
    _loop: asyncio.AbstractEventLoop | None = None
    _server: Any = None

    def tell(self, text: bytes, **fields: Any) -> Any:
        """Hand a deliver_sm to the account that bound last; returns its answer."""
        esme = self.bound.queue[-1]
        told = {"source_addr": "8613800138000", "source_addr_ton": 1, **fields}
        return self._run(self._deliver(esme, text, told))

    def hang_up(self) -> None:
        """End the session of the account that bound last."""
        self._run(self._unbind(self.bound.queue[-1]))

    async def _unbind(self, esme: Any) -> None:
        await esme.unbind()

    async def _stop(self) -> None:
        await self._server.stop()

    async def _deliver(self, esme: Any, text: bytes, told: dict[str, Any]) -> Any:
        return await esme.deliver_sm("1069000", text, **told)

    def _run(self, made: Coroutine[Any, Any, Any]) -> Any:
        assert self._loop is not None
        return asyncio.run_coroutine_threadsafe(made, self._loop).result(10)

    async def serve(self, port: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._server = smpp34.Server("127.0.0.1", port, system_id="SMSC")
        await self._server.start()
        self.url = f"smpp://huifang:secret@127.0.0.1:{port}"
        while True:
            event = await self._server.next()
            if isinstance(event, smpp34.SubmitSmEvent):
                await self._take(event)
            elif not isinstance(event, smpp34.Unbound):
                self.bound.put(event)

    async def _take(self, event: Any) -> None:
        self.got.append(event)
        if self.vanishes:
            return
        status = self.status(len(self.got))
        if status == ACCEPT:
            event.accept(f"00A{len(self.got)}")
        else:
            event.reject(status)


@contextmanager
def smsc() -> Iterator[Smsc]:
    """A running SMSC."""
    found = Smsc()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    loop = asyncio.new_event_loop()
    ready = threading.Event()

    def run() -> None:
        asyncio.set_event_loop(loop)
        serving = loop.create_task(found.serve(port))
        loop.call_later(0, ready.set)
        with suppress(asyncio.CancelledError, RuntimeError):
            loop.run_until_complete(serving)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    assert ready.wait(10)
    deadline = threading.Event()
    for _ in range(500):
        if found.url:
            break
        deadline.wait(0.02)
    assert found.url
    try:
        yield found
    finally:
        with suppress(Exception):
            found._run(found._stop())
        loop.call_soon_threadsafe(lambda: [task.cancel() for task in asyncio.all_tasks(loop)])
        thread.join(5)
