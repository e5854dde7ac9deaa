"""Makes the message of an attempt: the customer's language, every placeholder filled, or nothing at all."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings
from django.utils import translation

from huifang.customers import queries as customers
from huifang.delivery import links
from huifang.delivery.channels.base import Button, Message
from huifang.delivery.models import Attempt
from huifang.delivery.rules import scales
from huifang.delivery.rules.wording import fill
from huifang.kernel.ids import CustomerId
from huifang.kernel.texts import pick
from huifang.kernel.wallet import wallet_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """Subject and body as the customer reads them, and what ``{scale}`` became."""

    subject: str
    body: str
    variables: Mapping[str, str]
    scale: str = ""
    buttons: tuple[Button, ...] = ()


def render(
    subject: Mapping[str, str], body: Mapping[str, str], attempt: Attempt, *, preference_url: str
) -> Rendered:
    """Fill the templates for *attempt*. Raises `VariableMissingError`."""
    language = attempt.language or attempt.fallback_language
    buttons = buttons_of(attempt)
    scale = _scale(attempt.channel, buttons, language)
    variables = {
        "wallet_name": wallet_name(language),
        "plan_name": attempt.label,
        **attempt.variables,
        "preference_link": preference_url,
        "scale": scale,
    }
    if "link" in variables:
        variables["link"] = links.tracked(attempt, variables["link"])
    languages = (attempt.language, attempt.fallback_language)
    return Rendered(
        subject=fill(pick(subject, *languages), variables),
        body=fill(pick(body, *languages), variables),
        variables=variables,
        scale=scale,
        buttons=buttons,
    )


def buttons_of(attempt: Attempt) -> tuple[Button, ...]:
    """The answers that a tap gives from inside the message."""
    return tuple(
        Button(
            value=each["value"],
            label=each["label"],
            url=links.tracked(attempt, f"{settings.PUBLIC_URL}{each['path']}", choice=number),
        )
        for number, each in enumerate(attempt.choices or ())
    )


def _scale(channel: str, buttons: tuple[Button, ...], language: str) -> str:
    """What stands for ``{scale}`` in a text; "" where there are no answers to show."""
    if not buttons:
        return ""
    if channel not in scales.ANSWERED_BY_REPLY:
        return "\n".join(f"{each.label}: {each.url}" for each in buttons)
    with translation.override(language.lower()):
        return scales.reply_hint([(each.value, each.label) for each in buttons], translation.gettext)


def preference_url(customer_id: int) -> str:
    """Where the customer chooses what they hear, or refuses."""
    return f"{settings.PUBLIC_URL}{customers.preference_path(customer_id=CustomerId(customer_id))}"


def message_of(attempt: Attempt, *, notice_url: str) -> Message:
    """The message of *attempt*, with its wording loaded. Raises `VariableMissingError`."""
    url = preference_url(attempt.customer_id)
    wording = attempt.wording
    rendered = render(wording.subject, wording.body, attempt, preference_url=url)
    language = attempt.language or attempt.fallback_language
    return Message(
        key=attempt.key,
        attempt_id=attempt.pk,
        subject=rendered.subject,
        body=rendered.body,
        language=language,
        wallet_name=wallet_name(language),
        preference_url=url,
        one_click_url=f"{url}/unsubscribe",
        notice_url=notice_url,
        variables=rendered.variables,
        scale=rendered.scale,
        buttons=rendered.buttons,
    )
