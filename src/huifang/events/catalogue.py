"""The events that a wallet is expected to send, and their properties. From here the reference page is made.

Nothing here is required: an unknown event is stored as well, and every property is optional.
"""

from dataclasses import dataclass

from huifang.kernel.refusals import gettext_noop


@dataclass(frozen=True, slots=True, kw_only=True)
class Property:
    """One property: its key, its JSON type, and what it says."""

    key: str
    type: str
    about: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Declared:
    """One event that Huifang knows."""

    name: str
    about: str
    properties: tuple[Property, ...]


def _text(key: str, about: str) -> Property:
    return Property(key=key, type="text", about=about)


def _number(key: str, about: str) -> Property:
    return Property(key=key, type="number", about=about)


def _truth(key: str, about: str) -> Property:
    return Property(key=key, type="true or false", about=about)


_AMOUNT = _number("amount", gettext_noop("Amount in units of the currency"))
_CURRENCY = _text("currency", gettext_noop("Three letters of ISO 4217"))
_FAILURE = _text("failure", gettext_noop("Why it failed, as a word of the wallet's own"))
_PURPOSE = _text("purpose", gettext_noop("service_follow_up, marketing or call_recording"))
_CHANNEL = _text("channel", gettext_noop("One channel, or * for all"))
_WORDING = _text("wording", gettext_noop("The sentence that the customer agreed to"))

# May be sent with any event.
EVERYWHERE: tuple[Property, ...] = (_text("app_version", gettext_noop("Version of the wallet's app")),)

DECLARED: tuple[Declared, ...] = (
    Declared(
        name="Registered",
        about=gettext_noop("A customer opened a wallet."),
        properties=(_text("origin", gettext_noop("Where from: app, branch, partner …")),),
    ),
    Declared(
        name="Payment Completed",
        about=gettext_noop("A payment to a merchant went through."),
        properties=(
            _AMOUNT,
            _CURRENCY,
            _text("category", gettext_noop("Kind of merchant")),
            _truth("contactless", gettext_noop("Whether it was paid by touch")),
        ),
    ),
    Declared(
        name="Payment Failed",
        about=gettext_noop("A payment did not go through."),
        properties=(_AMOUNT, _CURRENCY, _text("category", gettext_noop("Kind of merchant")), _FAILURE),
    ),
    Declared(
        name="Transfer Completed",
        about=gettext_noop("Money went to another person."),
        properties=(_AMOUNT, _CURRENCY),
    ),
    Declared(
        name="Top Up Completed",
        about=gettext_noop("Money came into the wallet."),
        properties=(_AMOUNT, _CURRENCY),
    ),
    Declared(
        name="Withdrawal Completed",
        about=gettext_noop("Money went from the wallet to the bank."),
        properties=(_AMOUNT, _CURRENCY),
    ),
    Declared(
        name="Card Bound",
        about=gettext_noop("A bank card was bound to the wallet."),
        properties=(_text("card_kind", gettext_noop("debit or credit")),),
    ),
    Declared(name="App Opened", about=gettext_noop("The app came to the front."), properties=()),
    Declared(
        name="Feature Used",
        about=gettext_noop("A feature of the app was used."),
        properties=(_text("feature", gettext_noop("The feature, as a word of the wallet's own")),),
    ),
    Declared(
        name="Referral Made",
        about=gettext_noop("The customer brought another one."),
        properties=(_text("referred_id", gettext_noop("The new customer's own id")),),
    ),
    Declared(
        name="Service Call Ended",
        about=gettext_noop("A call with the hotline ended."),
        properties=(
            _number("duration_seconds", gettext_noop("Length of the call")),
            _text("topic", gettext_noop("What it was about")),
        ),
    ),
    Declared(
        name="Risk Alert Raised",
        about=gettext_noop("The wallet noticed something suspicious."),
        properties=(_text("rule", gettext_noop("The rule that noticed it")),),
    ),
    Declared(
        name="Wallet Device Set Up",
        about=gettext_noop("A hard wallet was set up."),
        properties=(
            _text("device_model", gettext_noop("Model of the device")),
            _truth("succeeded", gettext_noop("Whether it worked in the end")),
        ),
    ),
    Declared(
        name="Consent Given",
        about=gettext_noop("The customer agreed to be contacted."),
        properties=(_PURPOSE, _CHANNEL, _WORDING),
    ),
    Declared(
        name="Consent Withdrawn",
        about=gettext_noop("The customer takes an agreement back."),
        properties=(_PURPOSE, _CHANNEL, _WORDING),
    ),
)
