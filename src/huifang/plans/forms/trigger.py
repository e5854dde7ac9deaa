"""The form of the clause "when": one kind of trigger, and the fields of that kind alone."""

from collections.abc import Iterable
from datetime import time
from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.plans import phrases
from huifang.plans.forms.fields import AmountField, ClauseForm, MomentField, local, replace
from huifang.plans.records import Occurrence, PlanDefinition, PulsePeriod, Repeat, Trigger, TriggerKind

_KINDS = (
    (TriggerKind.EVENT.value, gettext_lazy("Something happens")),
    (TriggerKind.DATE.value, gettext_lazy("A date of the customer's comes")),
    (TriggerKind.PULSE.value, gettext_lazy("Every so often, for everybody")),
    (TriggerKind.SEGMENT.value, gettext_lazy("Now, for a segment")),
    (TriggerKind.LIST.value, gettext_lazy("Now, for a list of customers")),
    (TriggerKind.FACT.value, gettext_lazy("A call, a case … ends in this product")),
)
PARTS = {
    TriggerKind.EVENT: ("event", "occurrence", "amount"),
    TriggerKind.DATE: ("trait", "offset_days", "repeat", "at"),
    TriggerKind.PULSE: ("period", "every_days", "pulse_at"),
    TriggerKind.SEGMENT: ("segment", "starts_at", "spread_hours", "per_day_max"),
    TriggerKind.LIST: ("list_starts_at", "list_spread_hours", "list_per_day_max"),
    TriggerKind.FACT: ("fact",),
}
_SPREAD_HELP = gettext_lazy("0: all at once, as their contact hours allow.")
_CAP_HELP = gettext_lazy("0: no limit of its own.")
_HOUR = {"type": "time"}


class WhenForm(ClauseForm):
    """What starts the plan. Fields of the kinds that are not chosen are neither asked for nor kept."""

    kind = forms.ChoiceField(
        label=gettext_lazy("What starts it"), choices=_KINDS, widget=forms.RadioSelect, required=False
    )
    event = forms.CharField(
        label=gettext_lazy("Event"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "event-names", "autocomplete": "off"}),
        help_text=gettext_lazy("Any event that the wallet sends."),
    )
    occurrence = forms.ChoiceField(
        label=gettext_lazy("Which of a customer's events"),
        required=False,
        choices=[
            (Occurrence.FIRST.value, gettext_lazy("The first")),
            (Occurrence.EVERY.value, gettext_lazy("Every one")),
        ],
    )
    amount = AmountField(
        label=gettext_lazy("Least amount"), required=False, help_text=gettext_lazy("Empty for any amount.")
    )
    trait = forms.CharField(
        label=gettext_lazy("Which date"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"list": "trait-names", "autocomplete": "off"}),
        help_text=gettext_lazy("The day of registration, or a trait of the customer that holds a date."),
    )
    offset_days = forms.IntegerField(
        label=gettext_lazy("How many days after it"),
        required=False,
        min_value=-366,
        max_value=366,
        help_text=gettext_lazy("0: on the day itself. -7: a week before it."),
    )
    repeat = forms.ChoiceField(
        label=gettext_lazy("How often"),
        required=False,
        choices=[
            (Repeat.YEARLY.value, gettext_lazy("Each year")),
            (Repeat.ONCE.value, gettext_lazy("Once")),
        ],
    )
    at = forms.TimeField(
        label=gettext_lazy("At what time, by the customer's clock"),
        required=False,
        widget=forms.TimeInput(attrs=_HOUR, format="%H:%M"),
    )
    period = forms.ChoiceField(
        label=gettext_lazy("How often"),
        required=False,
        choices=[
            (PulsePeriod.QUARTER.value, gettext_lazy("Once a quarter")),
            (PulsePeriod.DAYS.value, gettext_lazy("Every so many days")),
        ],
        help_text=gettext_lazy("Each customer has a day of their own in it: every day has its share."),
    )
    every_days = forms.IntegerField(
        label=gettext_lazy("How many days"), required=False, min_value=7, max_value=366
    )
    pulse_at = forms.TimeField(
        label=gettext_lazy("At what time, by the customer's clock"),
        required=False,
        widget=forms.TimeInput(attrs=_HOUR, format="%H:%M"),
    )
    segment = forms.TypedChoiceField(
        label=gettext_lazy("Segment"), required=False, coerce=int, empty_value=None
    )
    starts_at = MomentField(
        label=gettext_lazy("Start"), required=False, help_text=gettext_lazy("Empty: as soon as it is live.")
    )
    spread_hours = forms.IntegerField(
        label=gettext_lazy("Spread evenly over how many hours"),
        required=False,
        min_value=0,
        max_value=24 * 60,
        help_text=_SPREAD_HELP,
    )
    per_day_max = forms.IntegerField(
        label=gettext_lazy("At most how many people a day"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_CAP_HELP,
    )
    list_starts_at = MomentField(
        label=gettext_lazy("Start"), required=False, help_text=gettext_lazy("Empty: as soon as it is live.")
    )
    list_spread_hours = forms.IntegerField(
        label=gettext_lazy("Spread evenly over how many hours"),
        required=False,
        min_value=0,
        max_value=24 * 60,
        help_text=_SPREAD_HELP,
    )
    list_per_day_max = forms.IntegerField(
        label=gettext_lazy("At most how many people a day"),
        required=False,
        min_value=0,
        max_value=1_000_000,
        help_text=_CAP_HELP,
    )
    fact = forms.ChoiceField(label=gettext_lazy("What ends"), required=False)

    def __init__(self, *args: Any, segments: Iterable[tuple[int, str]] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        choices = [("", gettext("Choose a segment")), *segments]
        self.fields["segment"].choices = choices  # type: ignore[attr-defined]
        facts = [(name, phrases.say_fact(name)) for name in phrases.FACTS]
        self.fields["fact"].choices = facts  # type: ignore[attr-defined]

    @property
    def parts(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields of each kind, for the template."""
        return [(kind.value, [self[name] for name in names]) for kind, names in PARTS.items()]

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        trigger = definition.trigger
        pace = {
            "starts_at": local(trigger.starts_at),
            "spread_hours": trigger.spread_hours,
            "per_day_max": trigger.per_day_max,
        }
        return {
            "kind": trigger.kind.value,
            "event": trigger.event,
            "occurrence": trigger.occurrence.value,
            "amount": "" if trigger.amount_at_least is None else f"{trigger.amount_at_least:.10g}",
            "trait": trigger.trait,
            "offset_days": trigger.offset_days,
            "repeat": trigger.repeat.value,
            "at": trigger.at,
            "period": trigger.period.value,
            "every_days": trigger.every_days,
            "pulse_at": trigger.at,
            "segment": trigger.segment_id,
            **pace,
            **{f"list_{name}": value for name, value in pace.items()},
            "fact": trigger.fact,
        }

    def clean(self) -> dict[str, Any]:
        """Only what the chosen kind asks for counts; what another kind was given cannot be wrong."""
        data = super().clean() or {}
        kind = TriggerKind(data.get("kind") or TriggerKind.EVENT)
        data["kind"] = kind
        for name in set(self.errors) - {"kind", *PARTS[kind]}:
            del self.errors[name]
        needed = {TriggerKind.EVENT: "event", TriggerKind.DATE: "trait", TriggerKind.SEGMENT: "segment"}
        wanted = needed.get(kind)
        if wanted and not data.get(wanted) and wanted not in self.errors:
            self.add_error(wanted, gettext("This is what starts the plan: it cannot be left empty."))
        return data

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another trigger; the plan keeps all the rest."""
        return replace(definition, trigger=_TRIGGERS[self.cleaned_data["kind"]](self.cleaned_data))


def _of_event(data: dict[str, Any]) -> Trigger:
    return Trigger(
        event=data["event"].strip(),
        occurrence=Occurrence(data["occurrence"] or Occurrence.FIRST),
        amount_at_least=data["amount"],
    )


def _of_date(data: dict[str, Any]) -> Trigger:
    return Trigger(
        kind=TriggerKind.DATE,
        trait=data["trait"].strip(),
        offset_days=data["offset_days"] or 0,
        repeat=Repeat(data["repeat"] or Repeat.YEARLY),
        at=data["at"] or time(10),
    )


def _of_pulse(data: dict[str, Any]) -> Trigger:
    return Trigger(
        kind=TriggerKind.PULSE,
        period=PulsePeriod(data["period"] or PulsePeriod.QUARTER),
        every_days=data["every_days"] or 90,
        at=data["pulse_at"] or time(10),
    )


def _of_segment(data: dict[str, Any]) -> Trigger:
    return Trigger(
        kind=TriggerKind.SEGMENT,
        segment_id=data["segment"],
        starts_at=data["starts_at"],
        spread_hours=data["spread_hours"] or 0,
        per_day_max=data["per_day_max"] or 0,
    )


def _of_list(data: dict[str, Any]) -> Trigger:
    return Trigger(
        kind=TriggerKind.LIST,
        starts_at=data["list_starts_at"],
        spread_hours=data["list_spread_hours"] or 0,
        per_day_max=data["list_per_day_max"] or 0,
    )


def _of_fact(data: dict[str, Any]) -> Trigger:
    return Trigger(kind=TriggerKind.FACT, fact=data["fact"])


_TRIGGERS = {
    TriggerKind.EVENT: _of_event,
    TriggerKind.DATE: _of_date,
    TriggerKind.PULSE: _of_pulse,
    TriggerKind.SEGMENT: _of_segment,
    TriggerKind.LIST: _of_list,
    TriggerKind.FACT: _of_fact,
}
