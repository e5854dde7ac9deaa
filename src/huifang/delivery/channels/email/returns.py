"""Where mail comes back to, and what it says: bounces (RFC 3464) and replies. Pure but for the vault's key.

Each attempt has a return address of its own, which nobody can guess, so that what comes back there is known
to be about it, whatever the sender of the mail claims to be.
"""

import base64
import binascii
import re
from dataclasses import dataclass
from email.message import EmailMessage, Message

from huifang.kernel import vault

_PURPOSE = "mail-return"
_MARK = "r-"
_ADDRESS = re.compile(r"r-([a-z2-7]{20,64})@(.+)")
# A mailbox that is not there, or is closed for good: RFC 3463, as in `smtp`.
_DEAD = ("5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1")
_QUOTE = re.compile(
    r"^\s*(>|-{2,}\s*(original|原始)|_{8,}|on .{4,80} wrote:|.{0,80}写道[:：]|发件人[:：]|from:\s)", re.I
)
_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}")
_TEXT_MAX = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Returned:
    """What came back. *kind*: "bounce", "delivered", "reply", or "" for what tells nothing."""

    kind: str = ""
    status: str = ""
    text: str = ""

    @property
    def is_dead(self) -> bool:
        """Whether the mailbox is of no more use."""
        return self.kind == "bounce" and self.status in _DEAD

    @property
    def is_soft(self) -> bool:
        """A failure that may be over next time: a full mailbox, a server that could not be reached."""
        return self.kind == "bounce" and not self.is_dead


def return_address(attempt_id: int, domain: str) -> str:
    """The address to which mail about this attempt comes back, in small letters as some servers make all."""
    raw = base64.urlsafe_b64decode(vault.token(_PURPOSE, attempt_id))
    return f"{_MARK}{base64.b32encode(raw).decode().rstrip('=').lower()}@{domain}"


def attempt_of(address: str) -> int | None:
    """The attempt whose return address *address* is; None where it is no such address of ours."""
    found = _ADDRESS.fullmatch(address.strip().lower())
    if not found:
        return None
    text = found[1].upper()
    try:
        raw = base64.b32decode(text + "=" * (-len(text) % 8))
    except binascii.Error:
        return None
    return vault.read_token(_PURPOSE, base64.urlsafe_b64encode(raw).decode())


def read(mail: EmailMessage) -> Returned:
    """What *mail*, which came to a return address, tells."""
    if mail.get_content_type() == "multipart/report":
        return _report(mail)
    if _is_automatic(mail):
        return Returned()
    return Returned(kind="reply", text=_own_words(mail))


def _report(mail: EmailMessage) -> Returned:
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        for block in _blocks(part):
            action = str(block.get("Action", "")).strip().lower()
            status = _STATUS.search(str(block.get("Status", "")))
            if action == "failed":
                return Returned(kind="bounce", status=status.group() if status else "5.0.0")
            if action == "delivered":
                return Returned(kind="delivered")
    return Returned()


def _blocks(part: Message) -> list[Message]:
    payload = part.get_payload()
    return [each for each in payload if isinstance(each, Message)] if isinstance(payload, list) else []


def _is_automatic(mail: EmailMessage) -> bool:
    said = str(mail.get("Auto-Submitted", "no")).strip().lower()
    precedence = str(mail.get("Precedence", "")).strip().lower()
    return (
        not said.startswith("no")
        or precedence in ("bulk", "junk", "list", "auto_reply")
        or bool(mail["X-Autoreply"])
    )


def _own_words(mail: EmailMessage) -> str:
    """What the customer wrote, without what they quote; the subject where they wrote nothing."""
    part = mail.get_body(("plain",))
    try:
        text = str(part.get_content()) if part is not None else ""
    except (LookupError, ValueError):
        text = ""
    lines = []
    for line in text.splitlines():
        if _QUOTE.match(line):
            break
        lines.append(line)
    words = "\n".join(lines).strip()
    return (words or str(mail.get("Subject", "")).strip())[:_TEXT_MAX]
