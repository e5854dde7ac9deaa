"""A provider that takes everything and sends nothing: for benchmarks and for trying out a policy."""

from typing import ClassVar

from huifang.delivery.channels import base
from huifang.delivery.channels.base import Field, Incoming, Message, Notice, Receipt
from huifang.delivery.errors import NoticeMalformedError


class Null:
    """Accepts each message and forgets it."""

    is_local: ClassVar[bool] = True
    fields: ClassVar[tuple[Field, ...]] = ()
    honours_keys = True

    def __init__(self, settings: base.Settings) -> None:
        del settings

    def send(self, message: Message, to: str) -> Receipt:
        """Take the message."""
        del to
        return Receipt(provider_message_id=f"null-{message.attempt_id}")

    def receive(self, incoming: Incoming) -> list[Notice]:
        """Nothing comes back from nowhere."""
        raise NoticeMalformedError(why=f"no webhook at {incoming.url}")
