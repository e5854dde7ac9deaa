"""Stored words in the reader's language: channels, purposes, wallet kinds, roles, reasons, actors."""

from collections.abc import Mapping

from django.utils.translation import gettext, gettext_noop

from huifang.console.models import Person
from huifang.kernel.roles import ROLE_NAMES

CHANNELS = {
    "in_app": gettext_noop("In the app"),
    "sms": gettext_noop("SMS"),
    "email": gettext_noop("E-mail"),
    "push": gettext_noop("Push"),
    "im": gettext_noop("Messenger"),
    "phone": gettext_noop("Call"),
    "webhook": gettext_noop("Webhook"),
    "*": gettext_noop("All channels"),
}
PURPOSES = {
    "service_follow_up": gettext_noop("Service follow-up"),
    "marketing": gettext_noop("Marketing"),
    "call_recording": gettext_noop("Call recording"),
}
CONTACT_CLASSES = {
    "follow_up": gettext_noop("Follow-up"),
    "case": gettext_noop("Case"),
    "security": gettext_noop("Security"),
}
WALLET_KINDS = {"soft": gettext_noop("Soft wallet"), "hard": gettext_noop("Hard wallet")}
LANGUAGES = {"zh-Hans": "中文", "en": "English"}
REASONS = {
    "clock_unsure": gettext_noop("Clock not trusted"),
    "already_answered": gettext_noop("Already answered"),
    "already_enrolled": gettext_noop("Already enrolled"),
    "expired": gettext_noop("Too late"),
    "suppressed": gettext_noop("Suppressed"),
    "customer_refused": gettext_noop("Customer refused"),
    "no_consent": gettext_noop("No consent"),
    "condition_not_met": gettext_noop("Condition not met"),
    "not_sampled": gettext_noop("Not sampled"),
    "global_holdout": gettext_noop("Global holdout"),
    "holdout": gettext_noop("Holdout"),
    "no_contact_point": gettext_noop("No contact point"),
    "unknown_zone": gettext_noop("Unknown time zone"),
    "cooldown": gettext_noop("Cooldown"),
    "cap_reached": gettext_noop("Frequency cap"),
    "budget_spent": gettext_noop("Contact budget spent"),
    "quiet_hours": gettext_noop("Quiet hours"),
    "working_hours": gettext_noop("Outside working hours"),
    "holiday": gettext_noop("Holiday"),
    "no_window": gettext_noop("No window"),
    "superseded": gettext_noop("Another plan goes first"),
    "plan_not_active": gettext_noop("Plan not live"),
    "quota_reached": gettext_noop("Plan's quota reached"),
    "breaker_open": gettext_noop("Breaker open"),
}
_TABLES: Mapping[str, Mapping[str, str]] = {
    "channel": CHANNELS,
    "purpose": PURPOSES,
    "contact_class": CONTACT_CLASSES,
    "wallet_kind": WALLET_KINDS,
    "language": LANGUAGES,
    "reason": REASONS,
    "role": ROLE_NAMES,
}


def named(kind: str, code: str) -> str:
    """The name of *code* in table *kind*; the code itself where it has none."""
    name = _TABLES[kind].get(code)
    return gettext(name) if name else code


def actor(code: str) -> str:
    """Who did something, from the audit log's word for them ("person:3", "api-key:crm", "system")."""
    kind, _, rest = code.partition(":")
    if kind == "person" and rest.isdecimal():
        found = Person.objects.filter(pk=rest).first()
        return str(found) if found else gettext("Person {number}").format(number=rest)
    if kind == "api-key":
        return gettext("API key {name}").format(name=rest)
    if kind == "customer":
        return gettext("The customer")
    if kind in {"system", ""}:
        return gettext("Huifang")
    return code
