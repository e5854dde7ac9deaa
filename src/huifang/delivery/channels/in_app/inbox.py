"""In-app messages: they wait in the database until the app fetches them. Sends nothing anywhere."""

from typing import ClassVar

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.errors import NoticeMalformedError


class Inbox:
    """The inbox that the app polls. Being accepted is being there; being fetched is being delivered."""

    is_local: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = ()
    honours_keys = True

    def __init__(self, settings: base.Settings) -> None:
        del settings

    def send(self, message: Message, to: str) -> Receipt:
        """Let it wait: the attempt itself is the message."""
        del to
        return Receipt(provider_message_id=str(message.attempt_id))

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Nobody sends webhooks to an inbox."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")
