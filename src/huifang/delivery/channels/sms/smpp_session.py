"""One connection to an SMSC: bound as a transceiver, kept alive, shared by the threads that send.

It is opened when it is first needed and again after it broke, each time a little later. What comes in is
kept until somebody collects it, and acknowledged only when it is stored.
"""

import contextlib
import logging
import select
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts, smpp  # type: ignore[import-untyped]
from smpplib.client import Client  # type: ignore[import-untyped]
from smpplib.exceptions import ConnectionError as LineBrokenError  # type: ignore[import-untyped]
from smpplib.exceptions import PDUError

from huifang.delivery.errors import DeliveryError, Effect, OutcomeUnknownError
from huifang.kernel import http, outward

_log = logging.getLogger(__name__)
_CONNECT_SECONDS = 5.0
_READ_SECONDS = 10.0
_ANSWER_SECONDS = 15.0
_ENQUIRE_SECONDS = 30.0
_PAUSE_SECONDS_MAX = 60.0
_PDU_MAX = 64 * 1024
_WAITING_MAX = 1000
_BROKEN = (OSError, LineBrokenError, PDUError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where an SMSC is and who calls."""

    host: str
    port: int
    is_tls: bool
    system_id: str
    password: str
    system_type: str = ""


@dataclass(slots=True)
class _Waiter:
    """A submit_sm that has no answer yet. *status* None: the line broke first."""

    done: threading.Event = field(default_factory=threading.Event)
    status: int | None = None
    message_id: str = ""


class _Line(Client):  # type: ignore[misc]
    """smpplib's client over a connection that `outward` allows, with an end to the length of a message."""

    def open(self, address: Address) -> None:
        line = outward.connect(address.host, address.port, _CONNECT_SECONDS)
        if address.is_tls:
            line = http.trusted_context().wrap_socket(line, server_hostname=address.host)
        line.settimeout(_READ_SECONDS)
        self._socket = line
        self.state = consts.SMPP_CLIENT_STATE_OPEN

    def has_more(self, seconds: float) -> bool:
        """Whether something comes in within *seconds*."""
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(select.select([self._socket], [], [], seconds)[0])

    def _recv_exact(self, exact_size: int) -> bytes:
        if not 0 <= exact_size <= _PDU_MAX:
            raise LineBrokenError
        data: bytes = super()._recv_exact(exact_size)
        return data


class Session:
    """Safe to use from several threads."""

    def __init__(self, address: Address, *, window: int) -> None:
        self._address = address
        self._window = threading.BoundedSemaphore(window)
        self._opening, self._writing = threading.Lock(), threading.Lock()
        self._line: _Line | None = None
        self._waiters: dict[int, _Waiter] = {}
        self._told: deque[tuple[_Line, Any]] = deque()
        self._failures, self._retry_at = 0, 0.0

    def submit(self, **fields: Any) -> tuple[int, str]:
        """Hand over one part: its status and the SMSC's number.

        Raises `DeliveryError`, `OutcomeUnknownError`.
        """
        with self._window:
            line, waiter = self.open(), _Waiter()
            with self._writing:
                part = smpp.make_pdu("submit_sm", client=line, **fields)
                self._waiters[part.sequence] = waiter
                try:
                    line.send_pdu(part)
                except _BROKEN as error:
                    self._waiters.pop(part.sequence, None)
                    self._drop(line)
                    raise OutcomeUnknownError("line_broken") from error
            waiter.done.wait(_ANSWER_SECONDS)
            self._waiters.pop(part.sequence, None)
        if waiter.status is None:
            raise OutcomeUnknownError("no_answer")
        return waiter.status, waiter.message_id

    def open(self) -> _Line:
        """The line, opened where it is not. Raises `DeliveryError`."""
        with self._opening:
            if self._line is not None:
                return self._line
            wait = self._retry_at - time.monotonic()
            if wait > 0:
                raise DeliveryError("unreachable", permanent=False, retry_after_seconds=int(wait) + 1)
            self._failures += 1
            self._retry_at = time.monotonic() + min(_PAUSE_SECONDS_MAX, 2.0 ** min(self._failures, 10) / 2)
            self._line = self._bound()
            self._failures, self._retry_at = 0, 0.0
            threading.Thread(target=self._read, args=(self._line,), name="smpp", daemon=True).start()
            return self._line

    def _bound(self) -> _Line:
        line = _Line(self._address.host, self._address.port, allow_unknown_opt_params=True)
        try:
            line.open(self._address)
            line.bind_transceiver(
                system_id=self._address.system_id,
                password=self._address.password,
                system_type=self._address.system_type,
            )
        except outward.AddressForbiddenError as error:
            raise DeliveryError("address_forbidden", permanent=False, effect=Effect.ACCOUNT) from error
        except PDUError as error:
            _close(line)
            raise DeliveryError(
                f"bind_{_status_of(error)}", permanent=False, effect=Effect.ACCOUNT
            ) from error
        except _BROKEN as error:
            _close(line)
            raise DeliveryError("unreachable", permanent=False) from error
        return line

    def take(self) -> list[tuple[_Line, Any]]:
        """What came in since, oldest first: the line and the deliver_sm."""
        taken = []
        with contextlib.suppress(IndexError):
            while True:
                taken.append(self._told.popleft())
        return taken

    def acknowledge(self, line: _Line, told: Any) -> None:
        """Tell the SMSC that *told* is stored. Where the line broke meanwhile it will tell again."""
        answer = smpp.make_pdu("deliver_sm_resp", client=line)
        answer.sequence = told.sequence
        self._answer(line, answer)

    def close(self) -> None:
        """Say goodbye and let the line go."""
        line = self._line
        if line is not None:
            with self._writing, contextlib.suppress(*_BROKEN):
                line.send_pdu(smpp.make_pdu("unbind", client=line))
            self._drop(line)

    def _read(self, line: _Line) -> None:
        heard_at = asked_at = time.monotonic()
        try:
            while self._line is line:
                if line.has_more(0.5):
                    self._hear(line, line.read_pdu())
                    heard_at = time.monotonic()
                now = time.monotonic()
                if now - heard_at > _ENQUIRE_SECONDS * 2.5:
                    raise LineBrokenError
                if now - max(heard_at, asked_at) > _ENQUIRE_SECONDS:
                    asked_at = now
                    self._answer(line, smpp.make_pdu("enquire_link", client=line))
        except Exception as error:  # whatever the other side sent: this line is of no more use
            if self._line is line:
                _log.warning("the line to the SMSC broke: %s", type(error).__name__)
        finally:
            self._drop(line)

    def _hear(self, line: _Line, told: Any) -> None:
        if told.command == "deliver_sm":
            if len(self._told) < _WAITING_MAX:  # else the SMSC tells it again
                self._told.append((line, told))
        elif told.command == "enquire_link":
            answer = smpp.make_pdu("enquire_link_resp", client=line)
            answer.sequence = told.sequence
            self._answer(line, answer)
        elif told.command == "unbind":
            answer = smpp.make_pdu("unbind_resp", client=line)
            answer.sequence = told.sequence
            self._answer(line, answer)
            raise LineBrokenError
        elif told.command in ("submit_sm_resp", "generic_nack"):
            waiter = self._waiters.pop(told.sequence, None)
            if waiter:
                waiter.status = int(told.status)
                number = getattr(told, "message_id", None) or b""
                waiter.message_id = number.decode("latin-1") if isinstance(number, bytes) else str(number)
                waiter.done.set()

    def _answer(self, line: _Line, told: Any) -> None:
        with self._writing, contextlib.suppress(*_BROKEN):
            line.send_pdu(told)

    def _drop(self, line: _Line) -> None:
        """The line is gone: whoever waits on it will never know."""
        if self._line is line:
            self._line = None
            waiting, self._waiters = list(self._waiters.values()), {}
            for waiter in waiting:
                waiter.done.set()
        _close(line)


def _close(line: _Line) -> None:
    with contextlib.suppress(*_BROKEN, AttributeError):
        line.state = consts.SMPP_CLIENT_STATE_OPEN
        line.disconnect()


def _status_of(error: PDUError) -> int:
    return int(error.args[1]) if len(error.args) > 1 else 0
