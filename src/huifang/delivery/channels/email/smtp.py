"""E-mail over SMTP, phase by phase, so that it is known how far a message got when a line breaks."""

import contextlib
import smtplib
import socket
from email.utils import parseaddr
from typing import ClassVar
from urllib.parse import SplitResult, unquote, urlsplit

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.email.message import build, is_address
from huifang.delivery.channels.email.returns import return_address
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    OutcomeUnknownError,
)
from huifang.kernel import http, outward
from huifang.kernel.refusals import gettext_noop

_SECONDS = 15
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# A mailbox that is not there (RFC 3463: 5.1.x is about the address), or that is closed for good.
_DEAD_ENHANCED = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")


class _Guarded(smtplib.SMTP):
    """Connects where `outward` allows."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return outward.connect(host, port, timeout)


class _GuardedTls(smtplib.SMTP_SSL):
    """The same, with TLS from the start."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        plain = outward.connect(host, port, timeout)
        return self.context.wrap_socket(plain, server_hostname=self._host)  # type: ignore[attr-defined]


class Smtp:
    """One SMTP server. It has no idempotency keys: a mail that may have gone is never sent again."""

    is_local: ClassVar[bool] = False
    fields: ClassVar[tuple[Field, ...]] = (
        Field(
            name="url",
            label=gettext_noop("Server"),
            help=gettext_noop("smtp://user:password@host:587, or smtps:// for TLS from the start."),
            is_secret=True,
            is_required=True,
            is_address=True,
        ),
        Field(
            name="sender",
            label=gettext_noop("From"),
            help=gettext_noop("Wallet <care@wallet.example>"),
            is_required=True,
        ),
        Field(
            name="return_domain",
            label=gettext_noop("Domain of bounces"),
            help=gettext_noop(
                "Mail to it must reach the port of HUIFANG_MAIL_IN. Empty: bounces go to From."
            ),
        ),
    )
    honours_keys = False

    def __init__(self, settings: base.Settings) -> None:
        self._server = _read(settings.get("url", ""))
        self._sender = settings.get("sender", "")
        if not is_address(parseaddr(self._sender)[1]):
            raise AccountInvalidError(field="sender")
        self._return_domain = settings.get("return_domain", "").strip().lower()
        if self._return_domain and not is_address(f"r@{self._return_domain}"):
            raise AccountInvalidError(field="return_domain")

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over one mail. Raises `DeliveryError`, `OutcomeUnknownError`."""
        mail = build(message, sender=self._sender, to=to, now=base.real_now())
        back = mail["From"].addresses[0].addr_spec
        if self._return_domain and message.attempt_id:
            back = return_address(message.attempt_id, self._return_domain)
            mail["Reply-To"] = back
        content = mail.as_bytes(policy=mail.policy.clone(linesep="\r\n"))
        try:
            server = self._connect()
        except outward.AddressForbiddenError as error:
            raise DeliveryError("address_forbidden", permanent=False, effect=Effect.ACCOUNT) from error
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(_short(error), permanent=False) from error
        try:
            self._address(server, back, to)
            _hand_over(server, content)
        except (smtplib.SMTPException, OSError) as error:
            raise DeliveryError(_short(error), permanent=False) from error
        finally:
            _leave(server)
        return Receipt(provider_message_id=mail["Message-ID"])

    def receive(self, incoming: Incoming) -> list[Notice]:
        """SMTP has no webhooks."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")

    def _connect(self) -> smtplib.SMTP:
        url, host = self._server, str(self._server.hostname)
        secure = url.scheme == "smtps"
        if secure:
            context = http.trusted_context()
            server: smtplib.SMTP = _GuardedTls(host, url.port or 465, timeout=_SECONDS, context=context)
        else:
            server = _Guarded(host, url.port or 587, timeout=_SECONDS)
        try:
            server.ehlo_or_helo_if_needed()
            if not secure and server.has_extn("starttls"):
                server.starttls(context=http.trusted_context())
                server.ehlo()
                secure = True
            self._log_in(server, secure=secure)
        except BaseException:
            server.close()
            raise
        return server

    def _log_in(self, server: smtplib.SMTP, *, secure: bool) -> None:
        url = self._server
        if not url.username:
            return
        if not secure and url.hostname not in _LOOPBACK:
            raise DeliveryError("no_tls_for_password", permanent=False, effect=Effect.ACCOUNT)
        try:
            server.login(unquote(url.username), unquote(url.password or ""))
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise DeliveryError("login_refused", permanent=False, effect=Effect.ACCOUNT) from error

    def _address(self, server: smtplib.SMTP, sender: str, to: str) -> None:
        code, text = server.mail(sender)
        if code != 250:
            raise _refused(code, text, of_recipient=False)
        code, text = server.rcpt(to)
        if code not in (250, 251):
            raise _refused(code, text, of_recipient=True)


def _leave(server: smtplib.SMTP) -> None:
    """Say goodbye. What the server makes of that is nothing to a mail that it took, or did not."""
    with contextlib.suppress(smtplib.SMTPException, OSError):
        server.docmd("QUIT")
    server.close()


def _hand_over(server: smtplib.SMTP, content: bytes) -> None:
    """Send the content. Once it may have arrived, a broken line leaves the outcome unknown."""
    try:
        code, answer = server.data(content)
    except smtplib.SMTPDataError as error:
        # DATA itself was refused: nothing was sent.
        text = error.smtp_error if isinstance(error.smtp_error, bytes) else error.smtp_error.encode()
        raise _refused(error.smtp_code, text, of_recipient=False) from error
    except (smtplib.SMTPException, OSError) as error:
        raise OutcomeUnknownError("no_answer") from error
    if code != 250:
        raise _refused(code, answer, of_recipient=True)


def _refused(code: int, text: bytes, *, of_recipient: bool) -> DeliveryError:
    enhanced = text.decode("ascii", "replace").split(" ", 1)[0]
    is_dead = of_recipient and code in (550, 551, 553) and enhanced.startswith(_DEAD_ENHANCED)
    effect = Effect.DEAD if is_dead else Effect.NONE
    if 500 <= code < 600 and not of_recipient:
        effect = Effect.ACCOUNT
    permanent = 500 <= code < 600 and effect is not Effect.ACCOUNT
    return DeliveryError(f"smtp_{code}", permanent=permanent, effect=effect)


def _read(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        usable = parts.scheme in ("smtp", "smtps") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise AccountInvalidError(field="url")
    return parts


def _short(error: Exception) -> str:
    """A short word for a failure before hand-over; no address, no server text."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"smtp_{error.smtp_code}"
    return "unreachable" if isinstance(error, OSError) else type(error).__name__
