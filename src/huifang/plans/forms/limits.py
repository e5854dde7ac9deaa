"""The forms of what holds a plan back: limits, quotas, the breaker and the second person."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.console.names import CONTACT_CLASSES
from huifang.plans.durations import say_duration
from huifang.plans.forms.fields import ClauseForm, DurationField, PercentField, percent, replace
from huifang.plans.records import Breaker, PlanDefinition, Quota, QuotaCell, QuotaOf, QuotaPer

QUOTA_ROWS = 3
_CELLS = {
    QuotaCell.ALL: gettext_lazy("everybody together"),
    QuotaCell.WALLET_KIND: gettext_lazy("each wallet kind"),
    QuotaCell.LANGUAGE: gettext_lazy("each language"),
    QuotaCell.REGION: gettext_lazy("each region"),
    QuotaCell.CHANNEL: gettext_lazy("each channel"),
}
_PER = {
    QuotaPer.EVER: gettext_lazy("in all"),
    QuotaPer.DAY: gettext_lazy("a day"),
    QuotaPer.WEEK: gettext_lazy("a week"),
    QuotaPer.MONTH: gettext_lazy("a month"),
    QuotaPer.QUARTER: gettext_lazy("a quarter"),
}
_OF = {QuotaOf.ANSWERS: gettext_lazy("answers"), QuotaOf.PEOPLE: gettext_lazy("people asked")}


class NeverForm(ClauseForm):
    """What holds the plan back."""

    cooldown = DurationField(label=gettext_lazy("Not the same customer again within"))
    valid_for = DurationField(label=gettext_lazy("No contact any more after"))
    priority = forms.IntegerField(
        label=gettext_lazy("Priority"),
        min_value=0,
        max_value=100,
        help_text=gettext_lazy("Where two plans want one customer, the higher goes first."),
    )
    contact_class = forms.ChoiceField(
        label=gettext_lazy("Contact class"),
        choices=[(code, gettext_lazy(text)) for code, text in CONTACT_CLASSES.items()],
        help_text=gettext_lazy("Only case and security contacts are outside the contact budget."),
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {
            "cooldown": say_duration(definition.cooldown),
            "valid_for": say_duration(definition.valid_for),
            "priority": definition.priority,
            "contact_class": definition.contact_class,
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other limits."""
        return replace(definition, **self.cleaned_data)


class QuotaForm(ClauseForm):
    """How many are enough. A row without a number is no quota."""

    def __init__(self, *args: Any, definition: PlanDefinition, **options: Any) -> None:
        super().__init__(*args, **options)
        given = list(definition.quotas)
        self.numbers = range(max(QUOTA_ROWS, len(given) + 1))
        for row in self.numbers:
            self._add_row(row, given[row] if row < len(given) else Quota(limit=0))

    def _add_row(self, row: int, quota: Quota) -> None:
        made: dict[str, forms.Field] = {
            "limit": forms.IntegerField(
                required=False,
                min_value=1,
                max_value=10_000_000,
                initial=quota.limit or None,
                label=gettext("At most"),
            ),
            "of": forms.ChoiceField(choices=_OF.items(), initial=quota.of.value, label=gettext("Counted")),
            "per": forms.ChoiceField(choices=_PER.items(), initial=quota.per.value, label=gettext("Per")),
            "cell": forms.ChoiceField(choices=_CELLS.items(), initial=quota.cell.value, label=gettext("Of")),
            "only": forms.CharField(
                required=False,
                max_length=60,
                initial=quota.only,
                label=gettext("Only"),
                widget=forms.TextInput(attrs={"placeholder": gettext("only, such as hard")}),
            ),
        }
        for name, field in made.items():
            field.required = False
            field.widget.attrs["aria-label"] = field.label
            self.fields[f"{name}_{row}"] = field

    @property
    def quota_rows(self) -> list[list[forms.BoundField]]:
        """The rows as bound fields."""
        names = ("limit", "of", "per", "cell", "only")
        return [[self[f"{name}_{row}"] for name in names] for row in self.numbers]

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Each row has its own."""
        return {}

    def clean(self) -> dict[str, Any]:
        """A value needs a cell to be one of."""
        data = super().clean() or {}
        for row in self.numbers:
            if data.get(f"only_{row}") and (data.get(f"cell_{row}") or QuotaCell.ALL) == QuotaCell.ALL:
                self.add_error(f"only_{row}", gettext("Say of what: a wallet kind, a language, a region …"))
        return data

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other quotas."""
        data = self.cleaned_data
        return replace(
            definition,
            quotas=tuple(
                Quota(
                    limit=data[f"limit_{row}"],
                    of=QuotaOf(data[f"of_{row}"] or QuotaOf.ANSWERS),
                    per=QuotaPer(data[f"per_{row}"] or QuotaPer.EVER),
                    cell=QuotaCell(data[f"cell_{row}"] or QuotaCell.ALL),
                    only=data[f"only_{row}"].strip(),
                )
                for row in self.numbers
                if data.get(f"limit_{row}")
            ),
        )


class StopForm(ClauseForm):
    """When the plan stops itself, and whether a second person must agree before it starts."""

    is_on = forms.BooleanField(label=gettext_lazy("The plan pauses itself"), required=False)
    failed = PercentField(label=gettext_lazy("Where more fail than, in %"), min_value=0, max_value=100)
    refused = PercentField(label=gettext_lazy("Or where more say no than, in %"), min_value=0, max_value=100)
    base_min = forms.IntegerField(
        label=gettext_lazy("Of at least so many contacts"),
        min_value=1,
        max_value=100_000,
        help_text=gettext_lazy("Never by one bad contact of two: the whole interval must lie above."),
    )
    window = DurationField(label=gettext_lazy("Counted over the last"))
    needs_approval = forms.BooleanField(
        label=gettext_lazy("A second person must agree before a version goes live"), required=False
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        breaker = definition.breaker
        return {
            "is_on": breaker.is_on,
            "failed": percent(breaker.failed_basis_points),
            "refused": percent(breaker.refused_basis_points),
            "base_min": breaker.base_min,
            "window": say_duration(breaker.window),
            "needs_approval": definition.needs_approval,
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another breaker."""
        data = self.cleaned_data
        breaker = Breaker(
            is_on=data["is_on"],
            failed_basis_points=data["failed"],
            refused_basis_points=data["refused"],
            base_min=data["base_min"],
            window=data["window"],
        )
        return replace(definition, breaker=breaker, needs_approval=data["needs_approval"])


class CompareForm(ClauseForm):
    """Who takes part, and who is the control group."""

    holdout = PercentField(label=gettext_lazy("Holdout"), min_value=0, max_value=99)
    sampling = PercentField(
        label=gettext_lazy("Share of customers who take part"), min_value=0, max_value=100
    )

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        return {
            "holdout": percent(definition.holdout_basis_points),
            "sampling": percent(definition.sampling_basis_points),
        }

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Other shares."""
        return replace(
            definition,
            holdout_basis_points=self.cleaned_data["holdout"],
            sampling_basis_points=self.cleaned_data["sampling"],
        )
