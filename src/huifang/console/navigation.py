"""The navigation: the loop, in the order in which work goes round, then the rest."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext, gettext_noop

from huifang.console.screens import SIGNED_IN

# URL name, permission, label, the letter that goes there after "g".
_LOOP = (
    ("insights:today", "today.view", gettext_noop("Today"), "t"),
    ("plans:list", "plans.view", gettext_noop("Plans"), "p"),
    ("questionnaires:list", "questionnaires.view", gettext_noop("Questionnaires"), "q"),
    ("callcentre:desk", "calls.work", gettext_noop("Call desk"), "d"),
    ("questionnaires:feedback", "feedback.view", gettext_noop("Feedback"), "f"),
    ("cases:list", "cases.view", gettext_noop("Cases"), "c"),
    ("improvements:list", "improvements.view", gettext_noop("Improvements"), "m"),
    ("insights:insights", "insights.view", gettext_noop("Insights"), "i"),
)
_REST = (
    ("customers:list", "customers.view", gettext_noop("Customers"), "u"),
    ("community:list", "community.view", gettext_noop("Community"), "o"),
    ("privacy:home", "privacy.view", gettext_noop("Privacy"), "v"),
    ("console:settings", SIGNED_IN, gettext_noop("Settings"), "s"),
    ("demo:phones", SIGNED_IN, gettext_noop("Demo phones"), "h"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A number beside an entry: what waits there, and whether it runs out."""

    number: int
    is_urgent: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One entry of the navigation. *key* is its letter."""

    label: str
    url: str
    key: str
    is_current: bool
    count: int
    is_urgent: bool


_Counter = Callable[[HttpRequest], Count]
_counters: dict[str, _Counter] = {}


def counts(url_name: str) -> Callable[[_Counter], _Counter]:
    """Decorate a quick function of `config.wiring` that tells what waits at *url_name*."""

    def register(counter: _Counter) -> _Counter:
        _counters[url_name] = counter
        return counter

    return register


def _items(request: HttpRequest, table: tuple[tuple[str, str, str, str], ...]) -> Iterator[Item]:
    permissions: frozenset[str] = getattr(request, "permissions", frozenset())
    for name, permission, label, key in table:
        if permission != SIGNED_IN and permission not in permissions:
            continue
        try:
            url = reverse(name)
        except NoReverseMatch:  # a room that is not part of this installation
            continue
        counter = _counters.get(name)
        count = counter(request) if counter else Count(number=0)
        yield Item(
            label=gettext(label),
            url=url,
            key=key,
            is_current=request.path == url or (url != "/" and request.path.startswith(url)),
            count=count.number,
            is_urgent=count.is_urgent,
        )


def sections(request: HttpRequest) -> dict[str, list[Item]]:
    """The items of the loop and the rest, as this person may see them; nothing for anybody else."""
    if not request.user.is_authenticated:
        return {"loop": [], "rest": []}
    return {"loop": list(_items(request, _LOOP)), "rest": list(_items(request, _REST))}
