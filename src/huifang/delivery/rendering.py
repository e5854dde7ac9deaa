"""Makes the message of an attempt: the customer's language, every placeholder filled, or nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from huifang.customers import queries as customers
from huifang.delivery.channels.base import Message
from huifang.delivery.models import Attempt
from huifang.delivery.rules.wording import fill
from huifang.kernel.ids import CustomerId
from huifang.kernel.texts import pick
from huifang.kernel.wallet import wallet_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Subject and body as the customer reads them."""

    subject: str
    body: str


def render(
    subject: Mapping[str, str], body: Mapping[str, str], attempt: Attempt, *, preference_url: str
) -> Rendered:
    """Fill the templates for *attempt*. Raises `VariableMissingError`."""
    variables = {
        "wallet_name": wallet_name(attempt.language or attempt.fallback_language),
        "plan_name": attempt.label,
        **attempt.variables,
        "preference_link": preference_url,
    }
    languages = (attempt.language, attempt.fallback_language)
    filled_subject = fill(pick(subject, *languages), variables)
    return Rendered(subject=filled_subject, body=fill(pick(body, *languages), variables))


def preference_url(customer_id: int) -> str:
    """Where the customer chooses what they hear, or refuses."""
    return f"{settings.PUBLIC_URL}{customers.preference_path(customer_id=CustomerId(customer_id))}"


def message_of(attempt: Attempt, *, notice_url: str) -> Message:
    """The message of *attempt*, with its wording loaded. Raises `VariableMissingError`."""
    url = preference_url(attempt.customer_id)
    wording = attempt.wording
    rendered = render(wording.subject, wording.body, attempt, preference_url=url)
    return Message(
        key=attempt.key,
        attempt_id=attempt.pk,
        subject=rendered.subject,
        body=rendered.body,
        language=attempt.language or attempt.fallback_language,
        wallet_name=wallet_name(attempt.language or attempt.fallback_language),
        preference_url=url,
        one_click_url=f"{url}/unsubscribe",
        notice_url=notice_url,
    )
