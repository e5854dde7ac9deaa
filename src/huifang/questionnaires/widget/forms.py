"""The form of a widget site."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huifang.questionnaires.widget.sites import NAME_CHARACTERS_MAX, SiteRecord


class SiteForm(forms.Form):
    """What it is called, and where the widget may stand."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=NAME_CHARACTERS_MAX)
    origins = forms.CharField(
        label=_("Origins"),
        help_text=_("One a line, such as https://app.example. The widget answers nobody else."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )

    def __init__(self, data: Any = None, *, record: SiteRecord | None = None) -> None:
        initial = {"name": record.name, "origins": "\n".join(record.origins)} if record else None
        super().__init__(data, initial=initial)

    def wanted(self) -> dict[str, Any]:
        """Name and origins as they were asked for."""
        given = self.cleaned_data
        return {"name": given["name"], "origins": given["origins"].split()}
