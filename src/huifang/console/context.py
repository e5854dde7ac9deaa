"""What the frame of every staff page needs. Worked out only where a template asks for it."""

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from huifang.console import queries, services
from huifang.console.middleware import theme_of
from huifang.console.navigation import sections
from huifang.kernel.texts import product_language
from huifang.kernel.wallet import wallet_name


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherLanguage:
    """The language that the switch offers."""

    tag: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Theme:
    """What the person chose (auto, light, dark) and what is drawn until a script follows the device."""

    chosen: str

    @property
    def drawn(self) -> str:
        """The theme of the first paint."""
        return "dark" if self.chosen == "dark" else "light"


_OTHER = {"zh-Hans": OtherLanguage(tag="en", label="EN"), "en": OtherLanguage(tag="zh-Hans", label="中文")}


def _search_url(request: HttpRequest) -> str:
    if "customers.view" not in getattr(request, "permissions", ()):
        return ""
    try:
        return reverse("customers:list")
    except NoReverseMatch:  # a room that is not part of this installation
        return ""


def frame(request: HttpRequest) -> dict[str, object]:
    """Navigation, language, theme and search of this person, and whether this is a demo."""
    language = product_language(get_language() or "") or "en"
    return {
        "navigation": SimpleLazyObject(lambda: sections(request)),
        "search_url": SimpleLazyObject(lambda: _search_url(request)),
        "html_language": language,
        "other_language": _OTHER[language],
        "theme": Theme(chosen=theme_of(request)),
        "is_demo": settings.IS_DEMO,
        "is_new": SimpleLazyObject(lambda: not settings.IS_DEMO and not queries.is_anybody()),
        "demo_people": services.DEMO_PEOPLE.items() if settings.IS_DEMO else (),
        "sends_mail": bool(settings.EMAIL_URL),
        "wallet_name": wallet_name(language),
    }
