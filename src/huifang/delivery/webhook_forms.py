"""The form of a webhook endpoint."""

from typing import Any

from django import forms
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from huifang.delivery.records import WebhookDraft, WebhookRecord
from huifang.delivery.rules.webhook_facts import KINDS


def _kinds() -> list[tuple[str, str]]:
    return [(kind, f"{kind} – {gettext(about)}") for kind, about in KINDS.items()]


class WebhookForm(forms.Form):
    """Where to, and what is told there."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=60)
    url = forms.CharField(
        label=_("Address"),
        help_text=_("https://…; signed as Standard Webhooks are, and never redirected."),
        max_length=500,
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it hears"), choices=_kinds, widget=forms.CheckboxSelectMultiple
    )
    is_enabled = forms.BooleanField(label=_("In use"), required=False, initial=True)

    def __init__(self, data: Any = None, *, record: WebhookRecord | None = None) -> None:
        initial = (
            {"name": record.name, "url": record.url, "kinds": record.kinds, "is_enabled": record.is_enabled}
            if record
            else None
        )
        super().__init__(data, initial=initial)

    def draft(self, endpoint_id: int | None) -> WebhookDraft:
        """What was asked for."""
        given = self.cleaned_data
        return WebhookDraft(
            id=endpoint_id,
            name=given["name"],
            url=given["url"],
            kinds=tuple(given["kinds"]),
            is_enabled=given["is_enabled"],
        )
