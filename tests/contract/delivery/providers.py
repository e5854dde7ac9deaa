"""Providers on real loopback sockets that speak as the true ones do, and remember what they were handed."""

import json
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """One request as a provider got it."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)  # type: ignore[no-any-return]

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a provider answers. *hang_up*: it takes the request and closes the line. *raw*: no JSON."""

    status: int
    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    hang_up: bool = False
    raw: bytes | None = None


@dataclass(slots=True)
class HttpProvider:
    """An HTTP provider; *answer* may be replaced while it runs."""

    answer: Callable[[Posted], Answer]
    posted: list[Posted] = field(default_factory=list)
    url: str = ""


@contextmanager
def http_provider(answer: Callable[[Posted], Answer]) -> Iterator[HttpProvider]:
    provider = HttpProvider(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.do_POST()

        def do_POST(self) -> None:
            length = int(self.headers["content-length"] or 0)
            body = self.rfile.read(length)
            if len(body) < length:
                return  # whoever called was killed while speaking: to half a request nobody listens
            headers = {name.lower(): value for name, value in self.headers.items()}
            posted = Posted(path=self.path, headers=headers, body=body)
            provider.posted.append(posted)
            given = provider.answer(posted)
            if given.hang_up:
                self.connection.close()
                return
            payload = json.dumps(given.body).encode() if given.raw is None else given.raw
            self.send_response(given.status)
            for name, value in given.headers.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(payload)))
            self.end_headers()
            with suppress(ConnectionError):  # a client that has read enough
                self.wfile.write(payload)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    provider.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        server.server_close()


def sms_ok(posted: Posted) -> Answer:
    """A generic provider that takes the message."""
    return Answer(status=202, body={"id": f"sms-{posted.json['id']}"})


def twilio_ok(posted: Posted) -> Answer:
    """Twilio takes the message."""
    body = {"sid": "SM0123456789abcdef0123456789abcdef", "status": "queued", "num_segments": "1"}
    return Answer(status=201, body={**body, "to": posted.form["To"], "error_code": None})


def aliyun_ok(posted: Posted) -> Answer:
    """Aliyun takes the message, or tells what became of it."""
    if posted.headers["x-acs-action"] == "QuerySendDetails":
        found = {"SmsSendDetailDTO": []}
        return Answer(status=200, body={"Code": "OK", "TotalCount": "0", "SmsSendDetailDTOs": found})
    body = {"Code": "OK", "Message": "OK", "RequestId": "F655A8D5", "BizId": "900619746936498440^0"}
    return Answer(status=200, body=body)


def tencent_says(code: str) -> Answer:
    """What Tencent Cloud tells of one number."""
    status = {
        "SerialNo": "5000:1045710669157053657849499619" if code == "Ok" else "",
        "PhoneNumber": "+8613800138000",
        "Fee": 1 if code == "Ok" else 0,
        "SessionContext": "",
        "Code": code,
        "Message": "send success" if code == "Ok" else "…",
        "IsoCode": "CN",
    }
    return Answer(status=200, body={"Response": {"SendStatusSet": [status], "RequestId": "a0aabda6"}})


def tencent_ok(_: Posted) -> Answer:
    """Tencent Cloud takes the message."""
    return tencent_says("Ok")


@dataclass(slots=True)
class MailServer:
    """An SMTP server; *reply* is its answer to the content, *rcpt* to a recipient."""

    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    senders: list[str] = field(default_factory=list)
    reply: str = "250 OK"
    rcpt: str = "250 OK"
    drops_after_content: bool = False
    quit: str = ""
    url: str = ""

    async def handle_RCPT(
        self, _server: object, _session: object, envelope: Any, address: str, _options: object
    ) -> str:
        if self.rcpt.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.rcpt

    async def handle_DATA(self, server: Any, _session: object, envelope: Any) -> str:
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        if self.reply.startswith("250"):
            self.mails.append(mail)
            self.recipients.extend(envelope.rcpt_tos)
            self.senders.append(envelope.mail_from)
        if self.drops_after_content:
            server.transport.abort()
        return self.reply

    async def handle_QUIT(self, _server: object, _session: object, _envelope: object) -> str:
        return self.quit or "221 Bye"


@contextmanager
def mail_server(host: str = "127.0.0.1") -> Iterator[MailServer]:
    handler = MailServer()
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    controller = Controller(handler, hostname=host, port=port)
    controller.start()
    handler.url = f"smtp://{host}:{port}"
    try:
        yield handler
    finally:
        controller.stop()
