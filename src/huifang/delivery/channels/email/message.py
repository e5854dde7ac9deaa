"""An e-mail as MIME: plain text and simple HTML, with one-click refusal (RFC 8058). Pure."""

import re
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime, parseaddr
from hashlib import sha256
from html import escape

from huifang.delivery.channels.base import Message
from huifang.delivery.errors import DeliveryError, Effect

_NEVER = "\0"
_LINK = re.compile(r"https?://[^\s<>\"']+[^\s<>\"'.,;:!?。，；：！？）)]")
_HTML = (
    '<!doctype html><html lang="{language}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width"></head>'
    '<body style="font:16px/1.6 system-ui,sans-serif;max-width:36em;margin:2em auto;padding:0 1em">'
    "{paragraphs}{foot}</body></html>"
)


def build(message: Message, *, sender: str, to: str, now: datetime) -> EmailMessage:
    """The mail of *message*. Raises `DeliveryError` where *to* cannot be an address."""
    mail = EmailMessage()
    if not is_address(to):
        raise DeliveryError("address_invalid", permanent=True, effect=Effect.DEAD)
    name, address = parseaddr(sender)
    mail["From"] = Address(display_name=" ".join((name or message.wallet_name).split()), addr_spec=address)
    mail["To"] = Address(addr_spec=to)
    mail["Subject"] = " ".join(message.subject.split()) or message.wallet_name
    mail["Date"] = format_datetime(now)
    mail["Message-ID"] = message_id(message, address)
    mail["Auto-Submitted"] = "auto-generated"
    if message.one_click_url:
        mail["List-Unsubscribe"] = f"<{message.one_click_url}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    elif message.preference_url:
        mail["List-Unsubscribe"] = f"<{message.preference_url}>"
    mail.set_content(_text(message))
    mail.add_alternative(_html(message), subtype="html")
    mail["Content-Language"] = message.language
    return mail


def message_id(message: Message, sender_address: str) -> str:
    """The same for each try of one attempt, so that a mailbox can tell a copy."""
    digest = sha256(message.key.encode()).hexdigest()[:20]
    domain = sender_address.rpartition("@")[2] or "localhost"
    return f"<{message.attempt_id}.{digest}@{domain}>"


def is_address(text: str) -> bool:
    """Whether *text* can stand in a header and an envelope as it is."""
    try:
        Address(addr_spec=text)
    except (ValueError, IndexError):
        return False
    return text.isascii() and "@" in text and all(32 < ord(letter) < 127 for letter in text)


def _has_own_preference_link(message: Message) -> bool:
    return not message.preference_url or message.preference_url in message.body


def _text(message: Message) -> str:
    foot = "" if _has_own_preference_link(message) else f"\n\n--\n{message.preference_url}"
    return f"{message.body}{foot}\n"


def _html(message: Message) -> str:
    before, scale, after = message.body.strip().partition(message.scale or _NEVER)
    paragraphs = _paragraphs(before) + (_buttons(message) if scale else "") + _paragraphs(after)
    foot = ""
    if not _has_own_preference_link(message):
        foot = f'<p style="font-size:13px;color:#667">{_linked(message.preference_url)}</p>'
    return _HTML.format(language=escape(message.language), paragraphs=paragraphs, foot=foot)


def _paragraphs(text: str) -> str:
    parts = re.split(r"\n\s*\n", text.strip())
    return "".join(f"<p>{_linked(part)}</p>" for part in parts if part)


def _buttons(message: Message) -> str:
    """The answers side by side, in as many lines as the window needs; one opens the questionnaire."""
    buttons = " ".join(
        f'<a href="{escape(each.url)}" style="display:inline-block;min-width:1.6em;margin:0 4px 8px 0;'
        "padding:.5em .7em;border:1px solid #99a;border-radius:6px;text-align:center;"
        f'text-decoration:none;color:#123">{escape(each.label)}</a>'
        for each in message.buttons
    )
    return f"<p>{buttons}</p>"


def _linked(text: str) -> str:
    """*text* escaped, its addresses made links, its line breaks kept."""
    pieces, end = [], 0
    for found in _LINK.finditer(text):
        url = escape(found.group())
        pieces += [escape(text[end : found.start()]), f'<a href="{url}">{url}</a>']
        end = found.end()
    return "".join([*pieces, escape(text[end:])]).replace("\n", "<br>")
