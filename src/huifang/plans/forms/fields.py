"""The fields of a plan's forms: durations, amounts and percentages as people write them."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from huifang.plans.durations import read_duration
from huifang.plans.records import PlanDefinition

replace = msgspec.structs.replace
HUNDREDTHS_MAX = 10**12


class DurationField(forms.CharField):
    """A duration in natural words: "2 days", "36 h", "90分钟"."""

    def __init__(self, **options: Any) -> None:
        options.setdefault("help_text", gettext_lazy("For example: 2 days, 36 hours, 90 minutes."))
        super().__init__(**options)

    def clean(self, value: Any) -> Any:
        """The duration. Raises `forms.ValidationError`."""
        text = super().clean(value)
        if not text and not self.required:
            return None
        found = read_duration(text)
        if found is None:
            raise forms.ValidationError(gettext("Write a duration such as 2 days or 36 hours."))
        return found


class AmountField(forms.CharField):
    """An amount as people write it: "500", "1,000.50", "¥500"; empty for none."""

    def clean(self, value: Any) -> Any:
        """The amount or None. Raises `forms.ValidationError`."""
        text = plain_number(super().clean(value))
        if not text:
            return None
        try:
            return float(text)
        except ValueError:
            raise forms.ValidationError(gettext("Write an amount such as 500.")) from None


class MoneyField(forms.CharField):
    """Money as people write it, kept in hundredths; empty for none."""

    def clean(self, value: Any) -> Any:
        """Hundredths. Raises `forms.ValidationError`."""
        text = plain_number(super().clean(value))
        if not text:
            return 0
        try:
            hundredths = Decimal(text) * 100
            fits = hundredths == hundredths.to_integral_value() and 0 <= hundredths <= HUNDREDTHS_MAX
        except InvalidOperation:
            fits = False
        if not fits:
            raise forms.ValidationError(gettext("Write an amount such as 12.50, with two decimals at most."))
        return int(hundredths)


class PercentField(forms.DecimalField):
    """A percentage that is kept in basis points."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_digits=5, decimal_places=2, **options)

    def clean(self, value: Any) -> Any:
        """Basis points."""
        return int(super().clean(value) * 100)


class MomentField(forms.DateTimeField):
    """A day and a time by the reader's clock; empty for none."""

    def __init__(self, **options: Any) -> None:
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
        super().__init__(widget=widget, input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"], **options)


class ClauseForm(forms.Form):
    """A form of one clause."""

    @property
    def in_rows(self) -> frozenset[str]:
        """Names of the fields that stand in rows, and are not drawn one by one."""
        return frozenset(name for name in self.fields if name.rpartition("_")[2].isdecimal())

    @staticmethod
    def initial_of(definition: PlanDefinition) -> dict[str, Any]:
        """Values to start from."""
        raise NotImplementedError

    def apply(self, definition: PlanDefinition) -> PlanDefinition:
        """*definition* with what was written."""
        raise NotImplementedError


def plain_number(text: str) -> str:
    """*text* without the signs that people write around and within an amount."""
    return text.strip().lstrip("¥￥$€£").replace(",", "").replace("，", "").strip()


def percent(basis_points: int) -> str:
    """Basis points as they are typed."""
    return f"{basis_points / 100:g}"


def money(hundredths: int) -> str:
    """Hundredths as they are typed."""
    return f"{Decimal(hundredths) / 100:.2f}".removesuffix(".00")


def local(moment: datetime | None) -> datetime | None:
    """*moment* by the reader's clock, to the minute."""
    return timezone.localtime(moment).replace(second=0, microsecond=0) if moment else None


def both(zh: str, en: str) -> dict[str, str]:
    """Texts by language; what is empty is left out."""
    return {language: text for language, text in (("zh-Hans", zh), ("en", en)) if text}
