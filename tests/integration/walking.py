"""Walks the console by its links, so that no test needs a list of screens."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

from django.http import HttpResponse
from django.test import Client
from django.urls import Resolver404, resolve
from tests.integration.forms import Page

_PAGES_MAX = 260
# Where the walk would end itself, or leave the console.
_AVOIDED = re.compile(r"^/(accounts/|api/|static/|s/|q/|p/|widget/|hooks/|language/)|/(trial|preview|test)/$")


def is_avoided(address: str) -> bool:
    """Whether the walk does not go there."""
    return bool(_AVOIDED.search(urlsplit(address).path))


def route_of(path: str) -> str:
    """The route that serves *path*, empty where none does."""
    try:
        return resolve(path).route
    except Resolver404:
        return ""


def walk(client: Client, *, a_route: int = 3) -> Iterator[tuple[str, HttpResponse]]:
    """Every screen that links lead to from the start, at most *a_route* of each route."""
    waiting, seen, taken = ["/"], {"/"}, dict[str, int]()
    for _ in range(_PAGES_MAX):
        if not waiting:
            return
        address = waiting.pop(0)
        route = route_of(urlsplit(address).path)
        if not route and address != "/":
            continue
        taken[route] = taken.get(route, 0) + 1
        if taken[route] > a_route:
            continue
        reply = client.get(address, follow=True)
        yield address, reply
        if "html" in reply.get("Content-Type", "") and not reply.streaming:
            for link in Page(reply.content.decode()).links:
                to = urljoin(address, link).partition("#")[0]
                if to.startswith("/") and to not in seen and not is_avoided(to):
                    seen.add(to)
                    waiting.append(to)
