"""What one rule saw, and spans, in words for the line of time."""

from datetime import timedelta

from django import template
from django.utils.translation import gettext

from huifang.console import moments
from huifang.plans import queries as plans
from huifang.plans.records import RuleResult

register = template.Library()


@register.filter
def span(seconds: str | int | None) -> str:
    """A number of seconds as a span: "7 days"."""
    return moments.left(timedelta(seconds=int(seconds or 0)))


@register.filter
def seen(rule: RuleResult) -> str:
    """What the rule that stopped a contact saw: the cap that is full, the condition that does not hold."""
    detail = rule.detail
    if "limit" in detail:
        return gettext("{used} of {limit} in {span}").format(
            used=detail.get("used", "–"), limit=detail["limit"], span=span(detail.get("window_seconds"))
        )
    return plans.condition_in_words(detail=detail) if "field" in detail else ""
