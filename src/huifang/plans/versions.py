"""Puts two versions of a plan side by side in the words of the plan's own page."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest

from django.template.loader import render_to_string
from django.utils.html import strip_tags
from django.utils.translation import gettext, pgettext

from huifang.console.names import named
from huifang.delivery.queries import policy as current_policy
from huifang.kernel.texts import LANGUAGES
from huifang.plans.records import PlanDefinition, PlanLine, Step
from huifang.plans.sheet import asked_of, words_of

_SPACE = re.compile(r"\s+")
_SMALL = re.compile(r"<small.*?</small>", re.DOTALL)
_NO_STEP = Step(channel="")
_BEFORE_SIGN = re.compile(r"\s+([,;.，；。、])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One part of a plan in two versions; "" where a version has no such part."""

    part: str
    before: str
    after: str

    @property
    def is_changed(self) -> bool:
        """Whether the two say different things."""
        return self.before != self.after


def side_by_side(plan: PlanLine, before: PlanDefinition, after: PlanDefinition) -> list[Row]:
    """Every clause of both; then the messages of their steps in each language, where either has one."""
    said = zip(_said(plan, before), _said(plan, after), strict=True)
    rows = [Row(part=part, before=left, after=right) for (part, left), (_, right) in said]
    return [*rows, *_messages(before, after)]


def _said(plan: PlanLine, definition: PlanDefinition) -> Iterator[tuple[str, str]]:
    words = words_of(definition, current_policy())
    context = {"plan": plan, "words": words, "definition": definition, "asked": asked_of(definition)}
    names = [definition.name.get(language, "") for language in LANGUAGES]
    yield pgettext("of a thing", "Name"), " / ".join(names)
    for clause, word in _clauses():
        drawn = _SMALL.sub("", render_to_string(f"plans/clauses/{clause}.html", context))
        text = html.unescape(strip_tags(drawn))
        said = _BEFORE_SIGN.sub(r"\1", _SPACE.sub(" ", text)).strip()
        yield word, said.removeprefix(word).strip()


def _clauses() -> list[tuple[str, str]]:
    kind = "clause of a plan"
    return [
        ("when", pgettext(kind, "When")),
        ("wait", pgettext(kind, "wait")),
        ("if", pgettext(kind, "if")),
        ("contact", pgettext(kind, "contact")),
        ("ask", pgettext(kind, "ask")),
        ("thank", pgettext(kind, "thank")),
        ("never", pgettext(kind, "never")),
        ("compare", pgettext(kind, "compare")),
        ("stop", pgettext(kind, "stop")),
    ]


def _messages(before: PlanDefinition, after: PlanDefinition) -> Iterator[Row]:
    for number, (left, right) in enumerate(
        zip_longest(before.steps, after.steps, fillvalue=_NO_STEP), start=1
    ):
        for language in LANGUAGES:
            name = named("language", language)
            for part, old, new in (
                (gettext("Step {number}, subject, {language}"), left.subject, right.subject),
                (gettext("Step {number}, message, {language}"), left.body, right.body),
            ):
                if old.get(language) or new.get(language):
                    yield Row(
                        part=part.format(number=number, language=name),
                        before=old.get(language, ""),
                        after=new.get(language, ""),
                    )
