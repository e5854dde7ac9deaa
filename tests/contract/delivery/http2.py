"""An HTTP/2 provider over TLS with a certificate of its own, as APNs speaks."""

import contextlib
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from ipaddress import IPv4Address
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.contract.delivery.providers import Answer, HttpProvider, Posted

from huifang.kernel import http


@cache
def certificate() -> tuple[bytes, bytes]:
    """A certificate for 127.0.0.1 that vouches for itself, and its key, as PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    here = x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))])
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "A test's own")])
    begins = datetime(2020, 1, 1, tzinfo=UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(begins)
        .not_valid_after(begins + timedelta(days=36500))
        .add_extension(here, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return made.public_bytes(serialization.Encoding.PEM), private


@contextmanager
def http2_provider(answer: Callable[[Posted], Answer]) -> Iterator[HttpProvider]:
    """A provider of HTTP/2 whose certificate the product believes meanwhile."""
    provider = HttpProvider(answer=answer)
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        ca, key = Path(folder, "ca.pem"), Path(folder, "key.pem")
        ca.write_bytes(certificate()[0])
        key.write_bytes(certificate()[1])
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(ca, key)
        context.set_alpn_protocols(["h2"])
        patch.setattr(http, "CA_FILE", str(ca))
        http._client.cache_clear()
        listener = socket.create_server(("127.0.0.1", 0))
        threading.Thread(target=_accept, args=(listener, context, provider), daemon=True).start()
        provider.url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        try:
            yield provider
        finally:
            listener.close()
            http._client.cache_clear()


def _accept(listener: socket.socket, context: ssl.SSLContext, provider: HttpProvider) -> None:
    with contextlib.suppress(OSError):
        while True:
            plain, _ = listener.accept()
            threading.Thread(target=_serve, args=(plain, context, provider), daemon=True).start()


def _serve(plain: socket.socket, context: ssl.SSLContext, provider: HttpProvider) -> None:
    with contextlib.suppress(OSError, ssl.SSLError), context.wrap_socket(plain, server_side=True) as line:
        Session(line, provider).run()


class Session:
    """One connection: requests in, answers out as far as the other side's window lets them."""

    def __init__(self, line: ssl.SSLSocket, provider: HttpProvider) -> None:
        self._line, self._provider = line, provider
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False))
        self._asked: dict[int, tuple[dict[str, str], bytes]] = {}
        self._left: dict[int, bytes] = {}

    def run(self) -> None:
        self._h2.initiate_connection()
        self._line.sendall(self._h2.data_to_send())
        while data := self._line.recv(65_536):
            for event in self._h2.receive_data(data):
                if not self._take(event):
                    return
            self._flush()
            self._line.sendall(self._h2.data_to_send())

    def _take(self, event: h2.events.Event) -> bool:
        """Whether the line stays open."""
        if isinstance(event, h2.events.RequestReceived):
            headers = {name.decode(): value.decode() for name, value in event.headers}
            self._asked[event.stream_id] = (headers, b"")
        elif isinstance(event, h2.events.DataReceived):
            headers, body = self._asked[event.stream_id]
            self._asked[event.stream_id] = (headers, body + event.data)
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            return self._answer(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self._left.pop(event.stream_id, None)
        return True

    def _answer(self, stream_id: int) -> bool:
        headers, body = self._asked.pop(stream_id)
        posted = Posted(path=headers[":path"], headers=headers, body=body)
        self._provider.posted.append(posted)
        given = self._provider.answer(posted)
        if given.hang_up:
            return False
        head = [(":status", str(given.status)), *given.headers.items()]
        self._h2.send_headers(stream_id, head)
        empty = json.dumps(given.body).encode() if given.body else b""
        self._left[stream_id] = empty if given.raw is None else given.raw
        return True

    def _flush(self) -> None:
        for stream_id, left in list(self._left.items()):
            while left and (room := self._h2.local_flow_control_window(stream_id)):
                size = min(room, self._h2.max_outbound_frame_size)
                self._h2.send_data(stream_id, left[:size])
                left = left[size:]
            self._left[stream_id] = left
            if not left:
                self._h2.end_stream(stream_id)
                del self._left[stream_id]
