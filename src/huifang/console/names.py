"""Stored words in the reader's language: channels, purposes, wallet kinds, roles, reasons, actors."""

from collections.abc import Iterable, Mapping

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
    "open": gettext_noop("Open link"),
    "import": gettext_noop("Imported"),
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
LANGUAGES = {"zh-Hans": gettext_noop("Chinese"), "en": gettext_noop("English")}
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
    "restored": gettext_noop("May have gone before a backup was restored"),
}
RULES = {
    "plan": gettext_noop("Plan live"),
    "once": gettext_noop("Not enrolled yet"),
    "conditions": gettext_noop("Conditions"),
    "step_conditions": gettext_noop("Step's conditions"),
    "clock": gettext_noop("Clock"),
    "answer": gettext_noop("Not answered yet"),
    "deadline": gettext_noop("In time"),
    "suppression": gettext_noop("Not suppressed"),
    "consent": gettext_noop("Consent"),
    "sampling": gettext_noop("Sample"),
    "global_holdout": gettext_noop("Not in global holdout"),
    "holdout": gettext_noop("Not in holdout"),
    "contact_point": gettext_noop("Contact point"),
    "zone": gettext_noop("Time zone"),
    "cooldown": gettext_noop("Cooldown"),
    "caps": gettext_noop("Frequency cap"),
    "hours": gettext_noop("Hours"),
    "priority": gettext_noop("Priority"),
    "ledger": gettext_noop("Contact ledger"),
}
EVENTS = {
    "Registered": gettext_noop("Registered"),
    "Payment Completed": gettext_noop("Payment completed"),
    "Payment Failed": gettext_noop("Payment failed"),
    "Transfer Completed": gettext_noop("Transfer completed"),
    "Top Up Completed": gettext_noop("Top-up completed"),
    "Withdrawal Completed": gettext_noop("Withdrawal completed"),
    "Card Bound": gettext_noop("Card bound"),
    "App Opened": gettext_noop("App opened"),
    "Feature Used": gettext_noop("Feature used"),
    "Referral Made": gettext_noop("Referral made"),
    "Service Call Ended": gettext_noop("Service call ended"),
    "Risk Alert Raised": gettext_noop("Risk alert raised"),
    "Wallet Device Set Up": gettext_noop("Wallet device set up"),
    "Consent Given": gettext_noop("Consent given"),
    "Consent Withdrawn": gettext_noop("Consent withdrawn"),
    # What starts a plan where no event does, as answers keep it.
    "pulse": gettext_noop("Regular pulse"),
    "list": gettext_noop("List of customers"),
    "segment": gettext_noop("Segment of customers"),
}
ATTEMPT_STATES = {
    "queued": gettext_noop("queued"),
    "sending": gettext_noop("being sent"),
    "accepted": gettext_noop("sent"),
    "delivered": gettext_noop("delivered"),
    "failed": gettext_noop("failed"),
    "unknown": gettext_noop("outcome unknown"),
    "withheld": gettext_noop("withheld"),
    "expired": gettext_noop("too late"),
}
METRICS = {"csat": gettext_noop("CSAT"), "nps": gettext_noop("NPS"), "ces": gettext_noop("CES")}
PERMISSIONS = {
    "today.view": gettext_noop("see Today"),
    "plans.view": gettext_noop("see plans"),
    "plans.edit": gettext_noop("edit plans"),
    "plans.activate": gettext_noop("put plans live"),
    "plans.approve": gettext_noop("approve plans of others"),
    "plans.reward": gettext_noop("load rewards and set their budget"),
    "questionnaires.view": gettext_noop("see questionnaires"),
    "questionnaires.edit": gettext_noop("edit questionnaires"),
    "feedback.view": gettext_noop("read feedback"),
    "feedback.edit": gettext_noop("correct what was read in feedback, and own the topics"),
    "feedback.export": gettext_noop("export feedback"),
    "feedback.files": gettext_noop("open pictures and voice notes"),
    "insights.view": gettext_noop("see insights"),
    "customers.view": gettext_noop("see customers"),
    "customers.reveal": gettext_noop("see whole phone numbers and addresses"),
    "customers.refuse": gettext_noop("leave customers alone, or lift it"),
    "customers.edit": gettext_noop("import, group and merge customers"),
    "events.view": gettext_noop("see events"),
    "events.replay": gettext_noop("replay rejected events"),
    "events.declare": gettext_noop("declare events and their properties"),
    "inbox.read": gettext_noop("fetch messages for the app"),
    "settings.view": gettext_noop("see settings"),
    "settings.edit": gettext_noop("change settings"),
    "people.edit": gettext_noop("invite people and change their access"),
    "keys.edit": gettext_noop("make and end keys"),
    "audit.view": gettext_noop("read the audit log"),
}
_TABLES: Mapping[str, Mapping[str, str]] = {
    "channel": CHANNELS,
    "purpose": PURPOSES,
    "contact_class": CONTACT_CLASSES,
    "wallet_kind": WALLET_KINDS,
    "language": LANGUAGES,
    "reason": REASONS,
    "role": ROLE_NAMES,
    "rule": RULES,
    "event": EVENTS,
    "attempt_state": ATTEMPT_STATES,
    "metric": METRICS,
    "permission": PERMISSIONS,
}


def named(kind: str, code: str) -> str:
    """The name of *code* in table *kind*; the code itself where it has none."""
    name = _TABLES[kind].get(code)
    return gettext(name) if name else code


def actor(code: str) -> str:
    """Who did something, from the audit log's word for them ("person:3", "api-key:crm", "system")."""
    return actors([code])[code]


def actors(codes: Iterable[str]) -> dict[str, str]:
    """The name behind each of *codes*, with one query for all of them."""
    wanted = set(codes)
    numbers = [code.partition(":")[2] for code in wanted if code.startswith("person:")]
    people = (
        Person.objects.in_bulk([int(number) for number in numbers if number.isdecimal()]) if numbers else {}
    )
    return {code: _actor(code, people) for code in wanted}


def _actor(code: str, people: Mapping[int, Person]) -> str:
    kind, _, rest = code.partition(":")
    if kind == "person" and rest.isdecimal():
        found = people.get(int(rest))
        return str(found) if found else gettext("Person {number}").format(number=rest)
    if kind == "api-key":
        return gettext("API key {name}").format(name=rest)
    if kind == "customer":
        return gettext("The customer")
    programs = {
        "system": gettext("Huifang"),
        "": gettext("Huifang"),
        "command-line": gettext("Command line"),
        "demo": gettext("Demo"),
    }
    return programs.get(kind, code)
