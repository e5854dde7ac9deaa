"""The API of delivery: the inbox that the wallet's app polls for its customer."""

from dataclasses import asdict
from datetime import datetime

from django.http import HttpRequest
from ninja import Router, Schema

from huifang.api.frame import require
from huifang.customers.queries import profile
from huifang.customers.records import IdOfPath
from huifang.delivery import services
from huifang.delivery.records import InboxMessage
from huifang.kernel import clock

router = Router(tags=["inbox"])


class InboxAnswer(Schema):
    """One answer to the first question, to show as a button that opens *link*."""

    value: str
    label: str
    link: str


class InboxEntry(Schema):
    """One message. *is_new*: it was not fetched before."""

    id: int
    subject: str
    body: str
    link: str
    language: str
    sent_at: datetime
    expires_at: datetime
    is_new: bool
    seen_at: datetime | None
    choices: list[InboxAnswer]


class Inbox(Schema):
    """The customer's messages, newest first."""

    messages: list[InboxEntry]


class Seen(Schema):
    """The message is noted as seen."""

    success: bool


@router.get("/customers/{external_id}/inbox", response=Inbox, operation_id="fetch_inbox")
def fetch_inbox(request: HttpRequest, external_id: IdOfPath) -> dict[str, list[dict[str, object]]]:
    """Messages for one customer to show in the app now. What is fetched counts as delivered."""
    require("inbox.read")(request)
    customer_id = profile(external_id=external_id).id
    found = services.fetch_inbox(customer_id=customer_id, now=clock.now())
    return {"messages": [_entry(message) for message in found]}


@router.post("/customers/{external_id}/inbox/{message_id}/seen", response=Seen, operation_id="mark_seen")
def mark_seen(request: HttpRequest, external_id: IdOfPath, message_id: int) -> dict[str, bool]:
    """The customer has opened the message. May be sent again."""
    require("inbox.read")(request)
    customer_id = profile(external_id=external_id).id
    services.mark_seen(customer_id=customer_id, message_id=message_id, now=clock.now())
    return {"success": True}


def _entry(message: InboxMessage) -> dict[str, object]:
    found = {name: getattr(message, name) for name in InboxEntry.model_fields}
    found["choices"] = [asdict(each) for each in message.choices]
    return found
