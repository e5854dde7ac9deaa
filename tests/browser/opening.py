"""What browser tests ask for: pages, and people to sign in as."""

from collections.abc import Callable
from typing import Protocol

from playwright.sync_api import Page

from huifang.console.models import Person

PASSWORD = "spruce-needles-42"
SignIn = Callable[[Page, str], Person]


class PageOf(Protocol):
    """Opens a page in a fresh browser profile: ``page_of("zh-Hans", 390, scheme="dark")``."""

    def __call__(self, language: str = "en", width: int = 1440, *, scheme: str = "light") -> Page: ...
