"""A small mail server for what comes back: bounces and replies to the return addresses of our mails.

It takes mail for no other address, and answers 250 only when what it tells is stored. One worker of a
machine has it; where that dies, another takes the port over.
"""

import asyncio
import contextlib
import logging
import socket
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from hashlib import sha256
from typing import Any

from aiosmtpd.controller import Controller
from django.db import close_old_connections

from huifang.customers import queries as customers
from huifang.delivery import notices
from huifang.delivery.channels.base import Notice
from huifang.delivery.channels.email import returns
from huifang.delivery.models import Attempt
from huifang.kernel import clock, env
from huifang.kernel.ids import CustomerId
from huifang.kernel.vault import VaultError

_log = logging.getLogger(__name__)
LISTEN = env.text(
    "HUIFANG_MAIL_IN",
    help=(
        "host:port on which the worker takes bounces and replies by SMTP, for the domain of bounces that "
        "mail accounts name. Empty: none."
    ),
)
_SIZE_MAX = 1024 * 1024
_RECIPIENTS_MAX = 10


class Handler:
    """What the mail server does with each command."""

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """Take mail for return addresses alone."""
        if returns.attempt_of(address) is None:
            return "550 5.1.1 no such address"
        if len(envelope.rcpt_tos) >= _RECIPIENTS_MAX:
            return "452 4.5.3 too many recipients"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Store what the mail tells, then say so."""
        content = bytes(envelope.content or b"")
        try:
            await asyncio.to_thread(_take_all, list(envelope.rcpt_tos), content, clock.now())
        except Exception:  # whatever went wrong here: it may be a refusal, so the other server keeps it
            _log.exception("a mail that came back was not stored")
            return "451 4.3.0 try again later"
        return "250 OK"


def _take_all(addresses: list[str], content: bytes, now: datetime) -> None:
    close_old_connections()
    try:
        for address in addresses:
            take(address, content, now=now)
    finally:
        close_old_connections()


def take(address: str, content: bytes, *, now: datetime) -> int:
    """Store what a mail to the return address *address* tells; returns how much of it is new. Idempotent."""
    attempt_id = returns.attempt_of(address)
    if attempt_id is None:
        return 0
    found = Attempt.objects.filter(pk=attempt_id).select_related("account").first()
    if found is None or found.account is None:
        return 0
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    returned = returns.read(mail)
    notice = _notice(found, returned, event_id=f"mail:{found.pk}:{sha256(content).hexdigest()[:40]}")
    return notices.store(found.account, [notice], now=now) if notice else 0


def _notice(attempt: Attempt, returned: returns.Returned, *, event_id: str) -> Notice | None:
    if returned.kind == "reply":
        # The customer of the attempt, whoever the mail claims to be from.
        try:
            to = customers.address(customer_id=CustomerId(attempt.customer_id), channel="email")
        except VaultError:
            to = None
        return Notice(event_id=event_id, kind="reply", key=attempt.key, address=to or "", text=returned.text)
    if not returned.kind:
        return None
    is_bounce = returned.kind == "bounce"
    return Notice(
        event_id=f"mail:{attempt.pk}:{returned.kind}:{returned.status}",
        kind="receipt",
        key=attempt.key,
        state="failed" if is_bounce else "delivered",
        code=returned.status,
        is_dead=returned.is_dead,
        is_soft=returned.is_soft,
    )


class _Listener:
    """The server of this process, where it has one."""

    controller: Controller | None = None


def listen() -> None:
    """Have the port, where the server is asked to and no other worker has it."""
    host, _, port = LISTEN.rpartition(":")
    if not port.isdecimal() or _Listener.controller is not None or not _is_free(host, int(port)):
        return
    controller = Controller(
        Handler(), hostname=host or "127.0.0.1", port=int(port), data_size_limit=_SIZE_MAX, ident="huifang"
    )
    try:
        controller.start()
    except OSError:  # another worker has it; this one stands by
        with contextlib.suppress(Exception):
            controller.stop(no_assert=True)
        return
    _Listener.controller = controller


def _is_free(host: str, port: int) -> bool:
    try:
        with socket.create_server((host or "127.0.0.1", port)):
            return True
    except OSError:
        return False


def stop() -> None:
    """Let the port go."""
    if _Listener.controller is not None:
        _Listener.controller.stop()
        _Listener.controller = None
