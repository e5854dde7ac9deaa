"""Channel accounts that the server's environment sets: a first start needs no screen."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from huifang.kernel import env, outward

SMS_URL = env.text("HUIFANG_SMS_URL", help="HTTP address of the SMS provider.")
SMS_SECRET = env.text("HUIFANG_SMS_SECRET", help="Secret (whsec_…) by which SMS requests are signed.")
SMS_HONOURS_KEYS = env.boolean(
    "HUIFANG_SMS_HONOURS_KEYS",
    default=False,
    help="The SMS provider promises to send once per Idempotency-Key: a lost answer is asked again.",
)
SMS_PER_SECOND = env.integer(
    "HUIFANG_SMS_PER_SECOND", default=50, help="SMS handed over each second; 0: no limit."
)
EMAIL_FROM = env.text(
    "HUIFANG_EMAIL_FROM",
    default="no-reply@localhost.localdomain",
    help="Sender of mail: Wallet <care@wallet.example>.",
)
MAIL_RETURN_DOMAIN = env.text(
    "HUIFANG_MAIL_RETURN_DOMAIN",
    help="Domain to which mail of the server's account comes back; see HUIFANG_MAIL_IN.",
)
EMAIL_PER_SECOND = env.integer(
    "HUIFANG_EMAIL_PER_SECOND", default=50, help="Mails handed over each second; 0: no limit."
)

SMS_PRICE = env.text("HUIFANG_SMS_PRICE_PER_PART", help="What one part of an SMS costs, such as 0.045.")

LINK_TRACKING = env.boolean(
    "HUIFANG_LINK_TRACKING",
    default=True,
    help="Links in messages lead through /l/, which counts who opened them; a plan may do without.",
)


# What the server's own environment names may lie in its own network.
outward.trust(SMS_URL)
outward.trust(settings.EMAIL_URL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An account as the environment gives it."""

    channel: str
    provider: str
    settings: dict[str, str]
    per_second: float


def given() -> Iterator[Given]:
    """Every account of the environment. The app's inbox is always there."""
    yield Given(channel="in_app", provider="inbox", settings={}, per_second=0)
    if SMS_URL and SMS_SECRET:
        sms = {
            "url": SMS_URL,
            "secret": SMS_SECRET,
            "honours_keys": "yes" if SMS_HONOURS_KEYS else "no",
            "price_per_part": SMS_PRICE,
        }
        yield Given(channel="sms", provider="http", settings=sms, per_second=SMS_PER_SECOND)
    if settings.EMAIL_URL:
        mail = {"url": settings.EMAIL_URL, "sender": EMAIL_FROM, "return_domain": MAIL_RETURN_DOMAIN}
        yield Given(channel="email", provider="smtp", settings=mail, per_second=EMAIL_PER_SECOND)
