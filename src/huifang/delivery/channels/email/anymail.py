"""E-mail through providers' HTTP APIs by django-anymail: its bodies and webhooks, our outcomes.

https://anymail.dev/en/stable/esps/ ; one class a provider says which settings it takes.
"""

import re
import warnings
from collections.abc import Mapping
from io import BytesIO
from typing import Any, ClassVar
from urllib.parse import urlsplit

import requests
from anymail.exceptions import (  # type: ignore[import-untyped]
    AnymailAPIError,
    AnymailError,
    AnymailNotSupportedWarning,
    AnymailRecipientsRefused,
    AnymailWebhookValidationFailure,
)
from anymail.signals import AnymailTrackingEvent  # type: ignore[import-untyped]
from django.core.handlers.wsgi import WSGIRequest
from django.core.mail import EmailMultiAlternatives
from django.utils.module_loading import import_string
from requests.adapters import BaseAdapter
from standardwebhooks.webhooks import WebhookVerificationError

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.channels.email.message import build, is_address
from huifang.delivery.errors import (
    AccountInvalidError,
    DeliveryError,
    Effect,
    NoticeMalformedError,
    OutcomeUnknownError,
    SignatureInvalidError,
)
from huifang.kernel.refusals import gettext_noop

warnings.filterwarnings("ignore", category=AnymailNotSupportedWarning)
_HEADERS = ("List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted", "Reply-To")
_NO_ADDRESS = re.compile(
    r"valid (e-?mail )?(address|recipient)|\bto\b.{0,20}\binvalid|invalid.{0,20}\bto\b|not valid in to", re.I
)
_SOFT = re.compile(r"(?<![\d.])4(\d\d|\.\d{1,3}\.\d{1,3})(?![\d.])")
_DEAD_REASONS = frozenset({"bounced", "invalid"})
_REFUSED_REASONS = frozenset({"spam", "unsubscribed"})
_STATES = {
    "delivered": "delivered",
    "opened": "delivered",
    "clicked": "delivered",
    "complained": "delivered",
    "unsubscribed": "delivered",
    "bounced": "failed",
    "rejected": "failed",
    "failed": "failed",
}

SENDER = Field(
    name="sender",
    label=gettext_noop("From"),
    help=gettext_noop("Wallet <care@wallet.example>"),
    is_required=True,
)
API_KEY = Field(name="api_key", label=gettext_noop("API key"), is_secret=True, is_required=True)


class _Transport(BaseAdapter):
    """Carries anymail's requests by our own client: outcomes, limits and networks are as everywhere."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self._key = key

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        del args, kwargs
        body = request.body or b""
        headers = {
            name: str(value) for name, value in request.headers.items() if name.lower() in _SENT_HEADERS
        }
        headers["idempotency-key"] = self._key
        raw = body if isinstance(body, bytes) else str(body).encode()
        reply = base.post(str(request.url), headers, raw)
        response = requests.Response()
        response.status_code = reply.status
        response.headers.update(reply.headers)
        response.raw = BytesIO(reply.body)
        response.request, response.url = request, str(request.url)
        return response

    def close(self) -> None:
        """Nothing is kept."""


_SENT_HEADERS = frozenset(
    {"authorization", "content-type", "accept", "api-key", "x-postmark-server-token", "user-agent"}
)


class AnymailChannel:
    """What all providers share."""

    is_local: ClassVar[bool] = False
    honours_keys = False
    # Some sign, some do not: the address is a secret for all of them.
    has_secret_notice_path: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = ()
    backend: ClassVar[str]
    view: ClassVar[str]
    api: ClassVar[str]
    """The path behind an address of the operator's own."""
    view_settings: ClassVar[tuple[str, ...]] = ()

    def __init__(self, settings: base.Settings) -> None:
        base.require(settings, *(field.name for field in self.fields if field.is_required))
        if not is_address(settings.get("sender", "").rpartition("<")[2].rstrip("> ")):
            raise AccountInvalidError(field="sender")
        self._settings = settings
        if settings.get("base_url"):
            base.require_url(settings, "base_url")

    def send(self, message: Message, to: str) -> Receipt:
        """Hand over one mail. Raises `DeliveryError`, `OutcomeUnknownError`."""
        mail = self._mail(message, to)
        backend = import_string(self.backend)(fail_silently=False, **self._options())
        backend.session = requests.Session()
        for scheme in ("https://", "http://"):
            backend.session.mount(scheme, _Transport(message.key))
        try:
            backend.send_messages([mail])
        except AnymailError as error:
            raise _refused(error) from error
        status = mail.anymail_status  # type: ignore[attr-defined]
        return Receipt(provider_message_id=str(status.message_id or ""))

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Read one webhook of events. Raises `SignatureInvalidError`, `NoticeMalformedError`."""
        self.check_signature(incoming)
        found = import_string(self.view)
        options = {name: self._settings[name] for name in self.view_settings if self._settings.get(name)}
        view = type("View", (found,), {"warn_if_no_basic_auth": False})(webhook_secret="", **options)
        request = _request(incoming)
        try:
            view.run_validators(request)
        except AnymailWebhookValidationFailure as error:
            raise SignatureInvalidError from error
        try:
            events = view.parse_events(request)
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise NoticeMalformedError(why=type(error).__name__) from error
        return [notice for event in events if (notice := _notice(event))]

    def check_signature(self, incoming: Incoming) -> None:
        """Where anymail does not. Raises `SignatureInvalidError`."""

    def _options(self) -> dict[str, str]:
        """What the backend is made with."""
        kept = {"sender", "base_url", "signing_secret", *self.view_settings}
        names = {field.name for field in self.fields} - kept
        options = {name: self._settings[name] for name in names if self._settings.get(name)}
        if self._settings.get("base_url"):
            options["api_url"] = self._settings["base_url"].rstrip("/") + self.api
        return options

    def _mail(self, message: Message, to: str) -> EmailMultiAlternatives:
        made = build(message, sender=self._settings["sender"], to=to, now=base.real_now())
        text, html = made.get_body(("plain",)), made.get_body(("html",))
        assert text is not None
        assert html is not None
        mail = EmailMultiAlternatives(
            subject=str(made["Subject"]),
            body=text.get_content(),
            from_email=str(made["From"]),
            to=[to],
            headers={name: str(made[name]) for name in _HEADERS if made[name]},
        )
        mail.attach_alternative(html.get_content(), "text/html")
        mail.metadata = {"key": message.key}  # type: ignore[attr-defined]
        return mail


def _base_url(api: str) -> Field:
    return Field(
        name="base_url",
        label=gettext_noop("Address of the API"),
        default=api,
        is_address=True,
    )


class Mailgun(AnymailChannel):
    """Mailgun; its webhooks are signed."""

    backend, view = (
        "anymail.backends.mailgun.EmailBackend",
        "anymail.webhooks.mailgun.MailgunTrackingWebhookView",
    )
    api = "/v3"
    view_settings: ClassVar[tuple[str, ...]] = ("webhook_signing_key",)
    fields: ClassVar[tuple[Field, ...]] = (
        SENDER,
        API_KEY,
        Field(name="sender_domain", label=gettext_noop("Sending domain"), is_required=True),
        Field(
            name="webhook_signing_key",
            label=gettext_noop("Webhook signing key"),
            is_secret=True,
            is_required=True,
        ),
        _base_url("https://api.mailgun.net"),
    )


class SendGrid(AnymailChannel):
    """SendGrid; its webhooks are signed where that is switched on."""

    backend = "anymail.backends.sendgrid.EmailBackend"
    view = "anymail.webhooks.sendgrid.SendGridTrackingWebhookView"
    api = "/v3/"
    view_settings: ClassVar[tuple[str, ...]] = ("tracking_webhook_verification_key",)
    fields: ClassVar[tuple[Field, ...]] = (
        SENDER,
        API_KEY,
        Field(
            name="tracking_webhook_verification_key",
            label=gettext_noop("Webhook verification key"),
            help=gettext_noop("The public key of the signed event webhook."),
        ),
        _base_url("https://api.sendgrid.com"),
    )


class Postmark(AnymailChannel):
    """Postmark."""

    backend = "anymail.backends.postmark.EmailBackend"
    view = "anymail.webhooks.postmark.PostmarkTrackingWebhookView"
    api = "/"
    fields: ClassVar[tuple[Field, ...]] = (
        SENDER,
        Field(name="server_token", label=gettext_noop("Server token"), is_secret=True, is_required=True),
        Field(name="message_stream", label=gettext_noop("Message stream")),
        _base_url("https://api.postmarkapp.com"),
    )


class Brevo(AnymailChannel):
    """Brevo."""

    backend, view = "anymail.backends.brevo.EmailBackend", "anymail.webhooks.brevo.BrevoTrackingWebhookView"
    api = "/v3/"
    fields: ClassVar[tuple[Field, ...]] = (SENDER, API_KEY, _base_url("https://api.brevo.com"))


class Resend(AnymailChannel):
    """Resend: it sends once per Idempotency-Key for a day, and signs its webhooks as Svix does."""

    backend, view = (
        "anymail.backends.resend.EmailBackend",
        "anymail.webhooks.resend.ResendTrackingWebhookView",
    )
    api = "/"
    honours_keys = True
    fields: ClassVar[tuple[Field, ...]] = (
        SENDER,
        API_KEY,
        Field(name="signing_secret", label=gettext_noop("Signing secret"), is_secret=True, is_required=True),
        _base_url("https://api.resend.com"),
    )

    def __init__(self, settings: base.Settings) -> None:
        super().__init__(settings)
        self._signer = base.signer(settings, "signing_secret")

    def check_signature(self, incoming: Incoming) -> None:
        """Svix's is that of Standard Webhooks under other names; anymail would want Svix's own package."""
        parts = ("id", "timestamp", "signature")
        names = {f"webhook-{part}": incoming.headers.get(f"svix-{part}", "") for part in parts}
        try:
            self._signer.verify(incoming.body, names, json_parse=False)
        except (WebhookVerificationError, ValueError) as error:
            raise SignatureInvalidError from error


class Mailjet(AnymailChannel):
    """Mailjet."""

    backend, view = (
        "anymail.backends.mailjet.EmailBackend",
        "anymail.webhooks.mailjet.MailjetTrackingWebhookView",
    )
    api = "/v3.1/"
    fields: ClassVar[tuple[Field, ...]] = (
        SENDER,
        API_KEY,
        Field(name="secret_key", label=gettext_noop("Secret key"), is_secret=True, is_required=True),
        _base_url("https://api.mailjet.com"),
    )


class SparkPost(AnymailChannel):
    """SparkPost."""

    backend = "anymail.backends.sparkpost.EmailBackend"
    view = "anymail.webhooks.sparkpost.SparkPostTrackingWebhookView"
    api = "/api/v1/"
    fields: ClassVar[tuple[Field, ...]] = (SENDER, API_KEY, _base_url("https://api.sparkpost.com"))


def _request(incoming: Incoming) -> WSGIRequest:
    """What Django's views read, made of what came in."""
    parts = urlsplit(incoming.url)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": parts.path or "/",
        "QUERY_STRING": parts.query,
        "SERVER_NAME": parts.hostname or "localhost",
        "SERVER_PORT": "443",
        "wsgi.url_scheme": "https",
        "wsgi.input": BytesIO(incoming.body),
        "CONTENT_LENGTH": str(len(incoming.body)),
        "CONTENT_TYPE": incoming.headers.get("content-type", "application/json"),
    }
    environ |= {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in incoming.headers.items()}
    return WSGIRequest(environ)


def _refused(error: AnymailError) -> Exception:
    if isinstance(error, AnymailRecipientsRefused):
        return _recipient_refused(error)
    status: int | None = error.status_code
    if isinstance(error, AnymailAPIError) and status is not None and 400 <= status < 500:
        # Their words are read for this one question and kept nowhere: they may hold the address.
        told = error.response.text if error.response is not None else ""
        is_dead = bool(_NO_ADDRESS.search(told))
        return DeliveryError(f"http_{status}", permanent=True, effect=Effect.DEAD if is_dead else Effect.NONE)
    if status is not None or isinstance(error, AnymailAPIError):
        return OutcomeUnknownError("answer_unreadable")
    return DeliveryError("account_unusable", permanent=False, effect=Effect.ACCOUNT)


def _recipient_refused(error: AnymailError) -> DeliveryError:
    """The provider knows the mailbox: it bounced, complained or unsubscribed before, or is none."""
    recipients = error.email_message.anymail_status.recipients if error.email_message else {}
    is_invalid = any(each.status == "invalid" for each in recipients.values())
    word = "address_invalid" if is_invalid else "suppressed_by_provider"
    return DeliveryError(word, permanent=True, effect=Effect.DEAD)


def _notice(event: AnymailTrackingEvent) -> Notice | None:
    kind = str(event.event_type)
    state = _STATES.get(kind)
    metadata: Mapping[str, Any] = event.metadata if isinstance(event.metadata, Mapping) else {}
    key, number = str(metadata.get("key") or ""), str(event.message_id or "")
    if state is None or not (key or number):
        return None
    reason = str(event.reject_reason or "")
    is_soft = bool(_SOFT.search(f"{event.mta_response or ''}"))
    return Notice(
        event_id=base.event_id(key, number, kind, str(event.event_id or "") if state == "failed" else ""),
        kind="receipt",
        provider_message_id=number,
        key=key,
        state=state,
        code=(reason or kind)[:40] if state == "failed" else "",
        is_dead=state == "failed" and reason in _DEAD_REASONS and not is_soft,
        is_soft=kind == "bounced" and is_soft,
        is_refused=kind in ("complained", "unsubscribed") or reason in _REFUSED_REASONS,
    )
