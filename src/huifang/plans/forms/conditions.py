"""Rows of conditions within a form: what is looked at, how it is compared, and with what."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext

from huifang.decisions.conditions import Condition, Op
from huifang.plans import phrases

ROWS = 4
Row = tuple[forms.BoundField, forms.BoundField, forms.BoundField]


class ConditionsMixin(forms.Form):
    """Rows of field, comparison and value; an empty field drops its row."""

    def add_rows(self, conditions: Iterable[Condition]) -> None:
        """Make the rows, filled with *conditions*."""
        ops = [(op.value, gettext(phrases.OPS[op.value])) for op in Op]
        given = list(conditions)
        for row in range(max(ROWS, len(given) + 1)):
            known = given[row] if row < len(given) else None
            self.fields[f"field_{row}"] = forms.CharField(
                required=False,
                initial=known.field if known else "",
                widget=forms.TextInput(attrs={"list": "condition-fields", "autocomplete": "off"}),
                label=gettext("What"),
            )
            self.fields[f"op_{row}"] = forms.ChoiceField(
                required=False,
                choices=ops,
                initial=known.op if known else Op.IS.value,
                label=gettext("Comparison"),
            )
            self.fields[f"value_{row}"] = forms.CharField(
                required=False, initial=_shown(known), label=gettext("Value")
            )
            for part in ("field", "op", "value"):
                name = f"{part}_{row}"
                self.fields[name].widget.attrs["aria-label"] = self.fields[name].label

    @property
    def rows(self) -> list[Row]:
        """The rows as bound fields."""
        numbers = [name.removeprefix("field_") for name in self.fields if name.startswith("field_")]
        return [(self[f"field_{n}"], self[f"op_{n}"], self[f"value_{n}"]) for n in numbers]

    def conditions(self) -> tuple[Condition, ...]:
        """What was written. Adds an error to a row that cannot be."""
        found = []
        for field, op, value in self.rows:
            name = self.cleaned_data.get(field.name, "")
            if not name:
                if self.cleaned_data.get(value.name, ""):
                    self.add_error(value.name, gettext("Say what this is compared with."))
                continue
            try:
                found.append(_condition(name, Op(self.cleaned_data[op.name]), self.cleaned_data[value.name]))
            except ValueError:
                self.add_error(value.name, gettext("This value cannot be compared so."))
        return tuple(found)

    def clean(self) -> dict[str, Any] | None:
        """Also reads the rows."""
        data = super().clean()
        self.read = self.conditions()
        return data


def _shown(condition: Condition | None) -> str:
    if condition is None or condition.value is None:
        return ""
    value = condition.value
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _condition(field: str, op: Op, text: str) -> Condition:
    """Raises `ValueError`."""
    if op in (Op.EXISTS, Op.MISSING):
        return Condition(field=field, op=op, value=None)
    if op is Op.IN:
        words = tuple(_scalar(word.strip()) for word in text.replace("，", ",").split(",") if word.strip())
        return Condition(field=field, op=op, value=words)
    return Condition(field=field, op=op, value=_scalar(text.strip()))


def _scalar(text: str) -> str | float | int:
    plain = text.replace(",", "")
    try:
        return int(plain)
    except ValueError:
        pass
    try:
        return float(plain)
    except ValueError:
        return text
