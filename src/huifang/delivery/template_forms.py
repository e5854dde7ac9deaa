"""The form of a message template: its texts, language by language."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from huifang.delivery.records import TemplateDraft, TemplateRecord
from huifang.kernel.texts import LANGUAGES

LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
_WITHOUT_SUBJECT = frozenset({"sms"})
_BODY_MAX, _SUBJECT_MAX = 4000, 300


class TemplateForm(forms.Form):
    """One subject and one body a language."""

    name = forms.CharField(label=pgettext_lazy("of a thing", "Name"), max_length=80)
    fallback_language = forms.ChoiceField(
        label=_("Fallback language"),
        help_text=_("Sent where a customer's language has no text."),
        choices=[(each, LANGUAGE_NAMES[each]) for each in LANGUAGES],
    )
    is_archived = forms.BooleanField(label=_("Put away"), required=False)

    def __init__(self, data: Any = None, *, record: TemplateRecord | None = None, channel: str = "") -> None:
        super().__init__(data, initial=_initial(record))
        self.parts = ("body",) if channel in _WITHOUT_SUBJECT else ("subject", "body")
        for language in LANGUAGES:
            shown = LANGUAGE_NAMES[language]
            self.fields[f"subject_{language}"] = forms.CharField(
                label=_("Subject or title") if not shown else f"{shown} · {_('Subject or title')}",
                required=False,
                max_length=_SUBJECT_MAX,
            )
            self.fields[f"body_{language}"] = forms.CharField(
                label=f"{shown} · {_('Message')}",
                required=False,
                max_length=_BODY_MAX,
                widget=forms.Textarea(attrs={"rows": 5}),
            )

    def text_fields(self) -> list[forms.BoundField]:
        """The fields of every language in order."""
        return [self[f"{part}_{language}"] for language in LANGUAGES for part in self.parts]

    def texts(self, part: str) -> dict[str, str]:
        """The texts of *part* ("subject" or "body") as they were typed, by language."""
        found = {language: str(self.data.get(f"{part}_{language}", "")) for language in LANGUAGES}
        return {language: text[:_BODY_MAX] for language, text in found.items() if text.strip()}

    def draft(self, template_id: int | None, channel: str) -> TemplateDraft:
        """What was asked for."""
        given = self.cleaned_data
        return TemplateDraft(
            id=template_id,
            channel=channel,
            name=given["name"],
            subject=self.texts("subject"),
            body=self.texts("body"),
            fallback_language=given["fallback_language"],
            is_archived=given["is_archived"],
        )


def _initial(record: TemplateRecord | None) -> dict[str, object] | None:
    if record is None:
        return None
    texts = {f"subject_{language}": text for language, text in record.subject.items()}
    texts |= {f"body_{language}": text for language, text in record.body.items()}
    return {
        **texts,
        "name": record.name,
        "fallback_language": record.fallback_language,
        "is_archived": record.is_archived,
    }
