"""The demo's own SMS provider and mail server, on loopback sockets: what is sent lands on a demo phone.

They are what a real provider would be to Huifang: reached over HTTP and SMTP, idempotent by key, honest
about unknown numbers.
"""

import asyncio
import email
import json
import logging
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
from aiosmtpd.controller import Controller
from django.db import connection
from standardwebhooks.webhooks import Webhook

_LINK = re.compile(r"https?://\S+?/[sl]/[\w=-]+")
_BODY_MAX = 64 * 1024
_ARRIVES_AFTER_SECONDS = 0.3
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One message as the provider took it."""

    key: str
    channel: str
    address: str
    subject: str
    body: str
    leave_link: str = ""

    @property
    def link(self) -> str:
        """The questionnaire's link in it, or ""."""
        found = _LINK.search(self.body)
        return found.group() if found else ""


Deliver = Callable[[Arrival], bool]
"""Puts an arrival on a phone; False where nobody has that address."""


Confirm = Callable[[str], None]
"""Tells the sender that the message of this key has arrived."""


def serve_sms(port: int, deliver: Deliver, confirm: Confirm) -> ThreadingHTTPServer:
    """Start the SMS provider on *port* in threads; returns the server, to be shut down by its caller."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = min(int(self.headers.get("Content-Length", "0")), _BODY_MAX)
            try:
                asked = json.loads(self.rfile.read(size))
                key = self.headers.get("Idempotency-Key") or str(asked["id"])
                arrival = Arrival(
                    key=f"sms-{key}", channel="sms", address=asked["to"], subject="", body=asked["text"]
                )
            except (ValueError, TypeError, KeyError):
                return self._answer(400, {"error": "malformed"})
            if not _put(deliver, arrival):
                return self._answer(422, {"error": "unknown_number"})
            self._answer(200, {"id": arrival.key})
            confirm(key)

        def _answer(self, status: int, body: dict[str, Any]) -> None:
            payload = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)
            self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: the numbers are nobody's business."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, name="demo-sms", daemon=True).start()
    return server


def _put(deliver: Deliver, arrival: Arrival) -> bool:
    try:
        return deliver(arrival)
    finally:
        connection.close()


class _Mailbox:
    def __init__(self, deliver: Deliver) -> None:
        self._deliver = deliver

    async def handle_DATA(self, _server: object, _session: object, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        body = message.get_body(("plain",))
        arrival = Arrival(
            key=f"email-{message['Message-ID']}",
            channel="email",
            address=envelope.rcpt_tos[0],
            subject=str(message["Subject"]),
            body=body.get_content() if body else "",
            leave_link=str(message["List-Unsubscribe"] or "").strip(" <>"),
        )
        known = await asyncio.to_thread(_put, self._deliver, arrival)
        return "250 OK" if known else "550 5.1.1 no such mailbox"


def serve_mail(port: int, deliver: Deliver) -> Controller:
    """Start the mail server on *port*; returns the controller, to be stopped by its caller."""
    controller = Controller(_Mailbox(deliver), hostname="127.0.0.1", port=port)
    controller.start()
    return controller


@dataclass(frozen=True, slots=True, kw_only=True)
class Callback:
    """Where the SMS provider tells what arrived and what was replied, and the secret by which it signs."""

    url: str
    secret: str

    def reply(self, *, number: str, text: str, key: str) -> None:
        """Tell that *number* answered with *text*. Raises `httpx.HTTPError` unless it was taken."""
        self._tell(f"reply-{key}", "message.received", {"from": number, "text": text})

    def confirm(self, key: str) -> None:
        """Tell that the message of *key* has arrived; forgotten where nobody listens."""
        time.sleep(_ARRIVES_AFTER_SECONDS)
        try:
            self._tell(f"receipt-{key}", "message.delivered", {"key": key})
        except httpx.HTTPError as error:
            _log.info("a receipt was not taken: %s", type(error).__name__)

    def _tell(self, event_id: str, kind: str, data: dict[str, str]) -> None:
        body = json.dumps({"type": kind, "data": {"id": event_id, **data}}, ensure_ascii=False)
        sent_at = datetime.now(UTC)
        headers = {
            "content-type": "application/json",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(sent_at.timestamp())),
            "webhook-signature": Webhook(self.secret).sign(event_id, sent_at, body),
        }
        httpx.post(self.url, content=body.encode(), headers=headers, timeout=10).raise_for_status()
