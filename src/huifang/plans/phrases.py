"""Says conditions, contacts and faults of a plan in the reader's language; `sentences` says the rest."""

from collections.abc import Iterable, Mapping

from django.utils.translation import gettext, gettext_noop, ngettext

from huifang.console.names import named
from huifang.decisions.conditions import Condition
from huifang.plans import fault_texts
from huifang.plans.records import Fault

# What other rooms of this product announce: what a customer lives through, and what must be there first.
FACTS: dict[str, tuple[str, str]] = {
    "hotline_call_ended": (gettext_noop("ends a call with the hotline"), gettext_noop("the call desk")),
    "case_closed": (gettext_noop("has a case closed"), gettext_noop("cases")),
}
# How a contact is made, as it stands in the sentence.
HOW = {
    "in_app": gettext_noop("in the app"),
    "sms": gettext_noop("by SMS"),
    "email": gettext_noop("by e-mail"),
    "push": gettext_noop("by push message"),
    "im": gettext_noop("by messenger"),
    "phone": gettext_noop("by a call"),
    "webhook": gettext_noop("through a webhook"),
}
_FIELDS = {
    "wallet_kind": gettext_noop("wallet kind"),
    "language": gettext_noop("language"),
    "region": gettext_noop("region"),
}
_NAMED_FIELDS = frozenset({"wallet_kind", "language"})
_SCOPED = {
    "trait": gettext_noop("trait “{name}”"),
    "event": gettext_noop("“{name}” of the event"),
    "count": gettext_noop("number of “{name}” so far"),
    "sum": gettext_noop("sum of “{name}” so far"),
}
_CONDITIONS = {
    "is": gettext_noop("{field} is {value}"),
    "is_not": gettext_noop("{field} is not {value}"),
    "in": gettext_noop("{field} is one of {value}"),
    "at_least": gettext_noop("{field} is {value} or more"),
    "at_most": gettext_noop("{field} is {value} or less"),
    "contains": gettext_noop("{field} contains {value}"),
    "exists": gettext_noop("{field} is known"),
    "missing": gettext_noop("{field} is not known"),
}
OPS = {
    "is": gettext_noop("is"),
    "is_not": gettext_noop("is not"),
    "in": gettext_noop("is one of"),
    "at_least": gettext_noop("is at least"),
    "at_most": gettext_noop("is at most"),
    "contains": gettext_noop("contains"),
    "exists": gettext_noop("is known"),
    "missing": gettext_noop("is not known"),
}
FAULTS = {
    "name_missing": gettext_noop("The plan has no name in {language}."),
    "name_too_long": gettext_noop("The plan's name is longer than {length_max} characters."),
    "fallback_language_unknown": gettext_noop("The fallback language {language} is not one of ours."),
    "event_missing": gettext_noop("Choose the event that starts the plan."),
    "amount_not_positive": gettext_noop("The least amount must be more than 0."),
    "questionnaire_missing": gettext_noop("Choose a questionnaire to ask."),
    "questionnaire_not_published": gettext_noop("The questionnaire is not published yet."),
    "purpose_unknown": gettext_noop("There is no consent for the purpose {purpose}."),
    "contact_class_unknown": gettext_noop("There is no contact class {contact_class}."),
    "marketing_not_follow_up": gettext_noop(
        "Marketing keeps to the contact budget: its contact class is follow-up."
    ),
    "delay_out_of_range": gettext_noop("The wait must lie between nothing and a year."),
    "cooldown_out_of_range": gettext_noop("The cooldown must lie between nothing and a year."),
    "valid_for_out_of_range": gettext_noop("How long the plan may still contact must be up to a year."),
    "priority_out_of_range": gettext_noop("The priority lies between 0 and 100."),
    "sampling_out_of_range": gettext_noop("The share of customers asked lies above 0% and up to 100%."),
    "holdout_out_of_range": gettext_noop("The holdout lies between 0% and under 100%."),
    "chance_in_exempt_class": gettext_noop(
        "Case and security contacts reach everybody concerned: no sampling, no holdout."
    ),
    "steps_missing": gettext_noop("Say how to contact them: there is no step yet."),
    "steps_too_many": gettext_noop("A follow-up has at most {steps_max} steps."),
    "channel_unknown": gettext_noop("Step {step}: there is no channel {channel}."),
    "kind_out_of_place": gettext_noop("Step {step}: only the first step is a first contact."),
    "after_out_of_range": gettext_noop("Step {step}: the time after the step before is up to a year."),
    "reminder_at_once": gettext_noop("Step {step}: a reminder comes some time after the step before."),
    "body_missing": gettext_noop("Step {step}: the message is missing in {language}."),
    "subject_missing": gettext_noop("Step {step}: the e-mail has no subject in {language}."),
    "language_unknown": gettext_noop("Step {step}: {language} is not one of our languages."),
    "link_missing": gettext_noop("Step {step}: the message in {language} lacks the placeholder {{link}}."),
    "placeholder_unknown": gettext_noop("Step {step}: nothing will fill the placeholder {placeholder}."),
    "placeholder_broken": gettext_noop("Step {step}: a brace opens or closes nothing, near “{near}”."),
    "deadline_before_last_step": gettext_noop(
        "The last step would come after the time in which the plan may contact."
    ),
}
# Which clause mends which fault; "step" stands for the step that has it.
CLAUSE_OF_FAULT = {
    "name_missing": "name",
    "name_too_long": "name",
    "fallback_language_unknown": "name",
    "event_missing": "when",
    "amount_not_positive": "when",
    "delay_out_of_range": "wait",
    "questionnaire_missing": "ask",
    "questionnaire_not_published": "ask",
    "purpose_unknown": "if",
    "contact_class_unknown": "never",
    "marketing_not_follow_up": "never",
    "steps_missing": "step-new",
    "steps_too_many": "step-1",
    "sampling_out_of_range": "compare",
    "holdout_out_of_range": "compare",
    "chance_in_exempt_class": "compare",
}
_CLAUSE_BY_START = {
    "quota_": "quota",
    "prize": "thank",
    "budget_": "thank",
    "per_customer_": "thank",
    "reward_": "thank",
    "pool_": "thank",
    "breaker_": "stop",
}


def say_fact(name: str) -> str:
    """What a customer lives through where another room announces *name*."""
    return gettext(FACTS[name][0]) if name in FACTS else gettext("lives through “{name}”").format(name=name)


def say_missing_room(name: str) -> str:
    """What must be there before *name* can be announced; "" where nothing is missing."""
    return gettext(FACTS[name][1]) if name in FACTS else ""


def _properties() -> dict[str, str]:
    """What the wallet's usual properties are called."""
    return {
        "amount": gettext("amount"),
        "currency": gettext("currency"),
        "category": gettext("kind of merchant"),
        "reason": gettext("reason"),
    }


def say_how(channel: str) -> str:
    """How a contact on *channel* is made."""
    return gettext(HOW[channel]) if channel in HOW else channel


def say_field(field: str) -> str:
    """What a condition looks at."""
    kind, colon, name = field.partition(":")
    if colon and kind in _SCOPED:
        told = named("event", name) if kind in ("count", "sum") else _properties().get(name, name)
        return gettext(_SCOPED[kind]).format(name=told)
    return gettext(_FIELDS[field]) if field in _FIELDS else field


def say_condition(condition: Condition) -> str:
    """One condition as a clause."""
    value = condition.value
    values = value if isinstance(value, tuple) else () if value is None else (value,)
    return _clause(condition.field, condition.op, [str(each) for each in values])


def say_seen_condition(*, detail: Mapping[str, str]) -> str:
    """The condition that did not hold, from what a stored decision keeps of it; "" where it keeps none."""
    if detail.get("op") not in _CONDITIONS:
        return ""
    return _clause(detail.get("field", ""), detail["op"], [detail.get("value", "")])


def _clause(field: str, op: str, values: Iterable[str]) -> str:
    if field in _NAMED_FIELDS:
        values = [named(field, value) for value in values]
    shown = gettext(", ").join(values)
    return gettext(_CONDITIONS[op]).format(field=say_field(field), value=shown)


def say_times(limit: int) -> str:
    """How often."""
    if limit == 1:
        return gettext("once")
    if limit == 2:
        return gettext("twice")
    return ngettext("%(number)d time", "%(number)d times", limit) % {"number": limit}


def say_fault(fault: Fault) -> str:
    """What is wrong, and where."""
    facts: Mapping[str, str] = fault.facts
    if "language" in facts:
        facts = {**facts, "language": named("language", facts["language"])}
    text = FAULTS.get(fault.code) or fault_texts.FAULTS.get(fault.code, fault.code)
    return gettext(text).format(step=fault.step, **facts)


def clause_of(fault: Fault) -> str:
    """The clause in which *fault* is mended."""
    if fault.code == "deadline_before_last_step":
        return "never"
    for start, clause in _CLAUSE_BY_START.items():
        if fault.code.startswith(start):
            return clause
    if fault.step and fault.code not in CLAUSE_OF_FAULT:
        return f"step-{fault.step}"
    return CLAUSE_OF_FAULT.get(fault.code) or fault_texts.CLAUSES.get(fault.code, "never")
