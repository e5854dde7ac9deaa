"""The form of what an answer earns: a coupon, points, or one of several by lot, within a budget."""

from typing import Any

from django import forms
from django.utils.translation import gettext, gettext_lazy

from huifang.plans.durations import say_duration
from huifang.plans.forms.fields import ClauseForm, DurationField, MoneyField, both, money, replace
from huifang.plans.records import Incentive, IncentiveKind, PlanDefinition, Prize, PrizeKind

PRIZE_ROWS = 4
CURRENCIES = ("CNY", "USD", "EUR", "GBP", "SGD", "HKD", "JPY")
NOTHING = "none"
_KINDS = [
    (NOTHING, gettext_lazy("Nothing but our thanks")),
    (IncentiveKind.COUPON.value, gettext_lazy("A coupon")),
    (IncentiveKind.POINTS.value, gettext_lazy("Points")),
    (IncentiveKind.RANDOM.value, gettext_lazy("One of several, by lot")),
]
_PRIZES = {
    PrizeKind.COUPON: gettext_lazy("Coupon"),
    PrizeKind.POINTS: gettext_lazy("Points"),
    PrizeKind.NOTHING: gettext_lazy("Nothing"),
}
_PARTS = ("kind", "zh", "en", "points", "cost", "weight", "pool")


class ThankForm(ClauseForm):
    """What an answer earns. A prize without a name is no prize."""

    kind = forms.ChoiceField(label=gettext_lazy("An answer earns"), choices=_KINDS)
    budget = MoneyField(
        label=gettext_lazy("Budget"),
        required=False,
        help_text=gettext_lazy("All rewards of this plan together never cost more."),
    )
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), choices=[(each, each) for each in CURRENCIES], required=False
    )
    per_customer = forms.IntegerField(
        label=gettext_lazy("At most so many rewards for one customer"),
        min_value=1,
        max_value=100,
        required=False,
    )
    window = DurationField(label=gettext_lazy("Within"), required=False)
    valid_days = forms.IntegerField(
        label=gettext_lazy("Valid for how many days"), min_value=1, max_value=730, required=False
    )
    terms_zh = forms.CharField(
        label=gettext_lazy("Terms in Chinese"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    terms_en = forms.CharField(
        label=gettext_lazy("Terms in English"),
        required=False,
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def __init__(self, *args: Any, definition: PlanDefinition, **options: Any) -> None:
        super().__init__(*args, **options)
        given = list(definition.incentive.prizes) if definition.incentive else []
        self.numbers = range(max(PRIZE_ROWS, len(given) + 1))
        for row in self.numbers:
            self._add_row(row, given[row] if row < len(given) else Prize())

    def _add_row(self, row: int, prize: Prize) -> None:
        made: dict[str, forms.Field] = {
            "kind": forms.ChoiceField(
                choices=_PRIZES.items(), initial=prize.kind.value, label=gettext("Kind")
            ),
            "zh": forms.CharField(
                initial=prize.name.get("zh-Hans", ""), max_length=80, label=gettext("Name in Chinese")
            ),
            "en": forms.CharField(
                initial=prize.name.get("en", ""), max_length=80, label=gettext("Name in English")
            ),
            "points": forms.IntegerField(
                initial=prize.points or None, min_value=1, max_value=10_000_000, label=gettext("Points")
            ),
            "cost": MoneyField(initial=money(prize.cost) if prize.cost else "", label=gettext("Cost")),
            "weight": forms.IntegerField(
                initial=prize.weight, min_value=1, max_value=1_000_000, label=gettext("Share of the lot")
            ),
            "pool": forms.CharField(
                initial=prize.pool, max_length=60, label=gettext("Pool of coupon codes"), required=False
            ),
        }
        for name, field in made.items():
            field.required = False
            self.fields[f"{name}_{row}"] = field

    @property
    def prize_rows(self) -> list[list[forms.BoundField]]:
        """The rows as bound fields."""
        return [[self[f"{name}_{row}"] for name in _PARTS] for row in self.numbers]

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        incentive = definition.incentive or Incentive()
        return {
            "kind": incentive.kind.value if definition.incentive else NOTHING,
            "budget": money(incentive.budget) if incentive.budget else "",
            "currency": incentive.currency,
            "per_customer": incentive.per_customer,
            "window": say_duration(incentive.window),
            "valid_days": incentive.valid_days,
            "terms_zh": incentive.terms.get("zh-Hans", ""),
            "terms_en": incentive.terms.get("en", ""),
        }

    def clean(self) -> dict[str, Any]:
        """An incentive has a prize, and a budget that can pay it."""
        data = super().clean() or {}
        if data.get("kind") != NOTHING and not self.errors:
            prizes = self._prizes(data)
            if not prizes:
                self.add_error("kind", gettext("Name at least one prize, in both languages."))
            elif data["kind"] != IncentiveKind.RANDOM and len(prizes) > 1:
                self.add_error("kind", gettext("Several prizes need a lot: choose “One of several, by lot”."))
            if not data["budget"] and any(prize.cost for prize in prizes):
                self.add_error("budget", gettext("These prizes cost something: say how much in all."))
        return data

    def _prizes(self, data: dict[str, Any]) -> list[Prize]:
        return [
            Prize(
                kind=PrizeKind(data[f"kind_{row}"] or PrizeKind.COUPON),
                name=both(data[f"zh_{row}"], data[f"en_{row}"]),
                points=data[f"points_{row}"] or 0,
                cost=data[f"cost_{row}"],
                pool=data[f"pool_{row}"].strip(),
                weight=data[f"weight_{row}"] or 1,
            )
            for row in self.numbers
            if data[f"zh_{row}"] or data[f"en_{row}"]
        ]

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """Another incentive, or none."""
        data = self.cleaned_data
        if data["kind"] == NOTHING:
            return replace(definition, incentive=None)
        usual = Incentive()
        incentive = Incentive(
            kind=IncentiveKind(data["kind"]),
            prizes=tuple(self._prizes(data)),
            budget=data["budget"],
            currency=data["currency"] or usual.currency,
            per_customer=data["per_customer"] or usual.per_customer,
            window=data["window"] or usual.window,
            valid_days=data["valid_days"] or usual.valid_days,
            terms=both(data["terms_zh"], data["terms_en"]),
        )
        return replace(definition, incentive=incentive)
