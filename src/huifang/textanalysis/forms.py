"""Forms of the screens of Feedback: topics with their phrases, entries of the FAQ."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext_lazy as _

from huifang.kernel import telling
from huifang.textanalysis import naming
from huifang.textanalysis.errors import TopicTakenError
from huifang.textanalysis.records import FaqEntry, TopicRecord

_PHRASES_MAX = 100
_LINES = {"rows": 5}


def lines(text: str) -> list[str]:
    """What stands on the lines of *text*, without empty ones and repeats."""
    return list(dict.fromkeys(each.strip() for each in text.splitlines() if each.strip()))[:_PHRASES_MAX]


class TopicForm(forms.Form):
    """A topic: its name in both languages, who answers for it, phrases that mean it."""

    name_zh = forms.CharField(label=_("Name in Chinese"), max_length=40, required=False)
    name_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    department = forms.CharField(
        label=_("Department"),
        max_length=40,
        required=False,
        help_text=_("Who answers for it."),
        widget=forms.TextInput(attrs={"list": "departments"}),
    )

    def clean(self) -> dict[str, Any]:
        """One name at least."""
        given = super().clean() or {}
        if not given.get("name_zh") and not given.get("name_en"):
            self.add_error("name_en", _("Give it a name in at least one language."))
        return given

    def refuse_name(self, refusal: TopicTakenError) -> None:
        """Say *refusal* at the name that is taken."""
        taken = str(refusal.facts["topic"])
        field = "name_zh" if self.cleaned_data["name_zh"].casefold() == taken.casefold() else "name_en"
        self.add_error(field, telling.told(refusal))

    @property
    def names(self) -> dict[str, str]:
        """The names by language."""
        return {"zh-Hans": self.cleaned_data["name_zh"], "en": self.cleaned_data["name_en"]}

    @property
    def department_code(self) -> str:
        """The department as it is kept: a word of ours where it is named so."""
        given: str = self.cleaned_data["department"].strip()
        return next((code for code, name in naming.choices("department") if name == given), given)


class PhrasedTopicForm(TopicForm):
    """The same with the phrases from which an engine knows the topic before anybody labelled a text."""

    phrases_zh = forms.CharField(
        label=_("Phrases in Chinese"),
        required=False,
        max_length=6000,
        help_text=_("One a line, as customers would say it. Twenty make a good start."),
        widget=forms.Textarea(attrs=_LINES),
    )
    phrases_en = forms.CharField(
        label=_("Phrases in English"), required=False, max_length=6000, widget=forms.Textarea(attrs=_LINES)
    )

    @property
    def phrases(self) -> dict[str, list[str]]:
        """The phrases by language, as seeds name them."""
        return {"zh": lines(self.cleaned_data["phrases_zh"]), "en": lines(self.cleaned_data["phrases_en"])}


class FaqForm(forms.Form):
    """An entry of the FAQ: ways to ask, one a line, and the answer, in both languages."""

    questions_zh = forms.CharField(
        label=_("Questions in Chinese"),
        required=False,
        max_length=6000,
        help_text=_("One a line; the more ways to ask, the better it is found."),
        widget=forms.Textarea(attrs=_LINES),
    )
    answer_zh = forms.CharField(
        label=_("Answer in Chinese"), required=False, max_length=4000, widget=forms.Textarea(attrs=_LINES)
    )
    questions_en = forms.CharField(
        label=_("Questions in English"), required=False, max_length=6000, widget=forms.Textarea(attrs=_LINES)
    )
    answer_en = forms.CharField(
        label=_("Answer in English"), required=False, max_length=4000, widget=forms.Textarea(attrs=_LINES)
    )

    def clean(self) -> dict[str, Any]:
        """A question and an answer, in whichever language."""
        given = super().clean() or {}
        if not self.errors:
            if not given["questions_zh"] and not given["questions_en"]:
                self.add_error("questions_en", _("Write at least one way to ask."))
            if not given["answer_zh"] and not given["answer_en"]:
                self.add_error("answer_en", _("Write the answer in at least one language."))
        return given

    @property
    def questions(self) -> dict[str, list[str]]:
        """The ways to ask by language."""
        return {
            "zh-Hans": lines(self.cleaned_data["questions_zh"]),
            "en": lines(self.cleaned_data["questions_en"]),
        }

    @property
    def answer(self) -> dict[str, str]:
        """The answer by language."""
        return {"zh-Hans": self.cleaned_data["answer_zh"], "en": self.cleaned_data["answer_en"]}


def of_topic(topic: TopicRecord, phrases: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """What `PhrasedTopicForm` starts with for *topic*."""
    return {
        "name_zh": topic.name.get("zh-Hans", ""),
        "name_en": topic.name.get("en", ""),
        "department": naming.named("department", topic.department),
        "phrases_zh": "\n".join(phrases.get("zh", ())),
        "phrases_en": "\n".join(phrases.get("en", ())),
    }


def of_entry(entry: FaqEntry) -> dict[str, str]:
    """What `FaqForm` starts with for *entry*."""
    return {
        "questions_zh": "\n".join(entry.questions.get("zh-Hans", ())),
        "answer_zh": entry.answer.get("zh-Hans", ""),
        "questions_en": "\n".join(entry.questions.get("en", ())),
        "answer_en": entry.answer.get("en", ""),
    }


def code_for(names: Mapping[str, str], taken: Sequence[str]) -> str:
    """A code that is not *taken*, after the English name where there is one."""
    stem = slugify(names.get("en", "")).replace("-", "_")[:40].strip("_")
    if not re.match(r"^[a-z]", stem):
        stem = f"topic_{stem}".rstrip("_")
    code, number = stem, 2
    while code in taken:
        code, number = f"{stem}_{number}", number + 1
    return code
