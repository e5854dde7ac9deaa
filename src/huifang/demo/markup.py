"""Reads a public page as a simulated customer sees it: its form, its buttons, its fields. No Django."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass(slots=True)
class Form:
    """One form of a page."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    buttons: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[tuple[str, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: dict[str, str] = {}
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            for name in at.get("class", "").split():
                self.links.setdefault(name, at.get("href", ""))
        if tag == "form" and at.get("method", "").lower() == "post":
            self.forms.append(Form(action=at.get("action", "")))
            self._inside = True
        elif self._inside:
            self._field(tag, at)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False

    def _field(self, tag: str, at: dict[str, str]) -> None:
        form, name, value = self.forms[-1], at.get("name", ""), at.get("value", "")
        kind = at.get("type", "text" if tag == "input" else "submit").lower()
        if tag == "textarea":
            form.texts.append(name)
        elif tag == "button" and name:
            form.buttons.append((name, value))
        elif tag == "input" and kind == "hidden":
            form.hidden[name] = value
        elif tag == "input" and kind in {"radio", "checkbox"}:
            form.boxes.append((name, value))
        elif tag == "input" and kind == "submit" and name:
            form.buttons.append((name, value))
        elif tag == "input" and kind in {"text", "search"}:
            form.texts.append(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """The forms of a page, and its links by class name."""

    forms: list[Form]
    links: dict[str, str]


def read(html: str) -> Page:
    """Parse *html*."""
    reader = _Reader()
    reader.feed(html)
    return Page(forms=reader.forms, links=reader.links)
