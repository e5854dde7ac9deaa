"""Keeps pages that are the same for everybody but for the address: made once, then filled in.

A page is made by the same code as ever, with stand-ins where the link, the host and the way to the
customer's preferences belong; what it depends on beside those is its key.
"""

import secrets
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock

from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.html import escape

PAGES_MAX = 1_000
# Drawn anew by each process: no text of an operator can hold them.
TOKEN, HOST, PREFERENCES = (f"{name}{secrets.token_hex(12)}" for name in ("t", "h", "p"))


class Blank(HttpRequest):
    """A request by nobody in particular, for a page that is kept."""

    def __init__(self, wanted: str) -> None:
        super().__init__()
        self.method = "GET"
        self.GET = QueryDict(f"q={wanted}" if wanted else "")

    def get_host(self) -> str:
        """The stand-in of every host."""
        return HOST


class Press:
    """Pages by their key, those used last."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Hashable, tuple[str, str]] = OrderedDict()
        self._lock = Lock()

    def page(
        self,
        key: Hashable,
        make: Callable[[], HttpResponse],
        *,
        token: str,
        host: str = "",
        preferences: str = "",
    ) -> HttpResponse:
        """The page of *key*, made where it is not kept, for one customer."""
        with self._lock:
            found = self._kept.get(key)
            if found:
                self._kept.move_to_end(key)
        if found is None:
            made = make()
            found = (made.content.decode(), made.headers["Content-Language"])
            with self._lock:
                self._kept[key] = found
                if len(self._kept) > PAGES_MAX:
                    self._kept.popitem(last=False)
        text, language = found
        html = (
            text.replace(TOKEN, token).replace(HOST, escape(host)).replace(PREFERENCES, escape(preferences))
        )
        return HttpResponse(html.encode(), headers={"Content-Language": language})
