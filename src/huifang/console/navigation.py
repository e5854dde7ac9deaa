"""The navigation: the loop, in the order in which work goes round, then the rest."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

_LOOP = (
    ("insights:today", "today.view", gettext_noop("Today")),
    ("plans:list", "plans.view", gettext_noop("Plans")),
    ("questionnaires:list", "questionnaires.view", gettext_noop("Questionnaires")),
    ("callcentre:desk", "calls.work", gettext_noop("Call desk")),
    ("questionnaires:feedback", "feedback.view", gettext_noop("Feedback")),
    ("cases:list", "cases.view", gettext_noop("Cases")),
    ("improvements:list", "improvements.view", gettext_noop("Improvements")),
    ("insights:insights", "insights.view", gettext_noop("Insights")),
)
_REST = (
    ("customers:list", "customers.view", gettext_noop("Customers")),
    ("community:list", "community.view", gettext_noop("Community")),
    ("privacy:home", "privacy.view", gettext_noop("Privacy")),
    ("console:settings", "settings.view", gettext_noop("Settings")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the navigation."""

    label: str
    url: str
    is_current: bool


def _items(request: HttpRequest, table: tuple[tuple[str, str, str], ...]) -> Iterator[Item]:
    permissions: frozenset[str] = getattr(request, "permissions", frozenset())
    for name, permission, label in table:
        if permission not in permissions:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # a room that is not part of this installation
            continue
        here = request.path == url or (url != "/" and request.path.startswith(url))
        yield Item(label=gettext(label), url=url, is_current=here)


def sections(request: HttpRequest) -> dict[str, list[Item]]:
    """The items of the loop and the rest, as this person may see them."""
    return {"loop": list(_items(request, _LOOP)), "rest": list(_items(request, _REST))}
