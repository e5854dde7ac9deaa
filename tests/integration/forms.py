"""Reads pages as a browser does: their forms and fields, their links, and every element that they make."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

_TEXT_TYPES = {"", "text", "search", "email", "url", "tel", "textarea", "password"}


@dataclass(slots=True)
class Form:
    """One form: where it goes, what its fields hold now, and which of them take text."""

    action: str
    is_post: bool
    has_files: bool = False
    values: dict[str, list[str]] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)


class Page(HTMLParser):
    """What one page holds."""

    def __init__(self, markup: str) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.scripts: list[str] = []
        self._form: Form | None = None
        self._area = self._select = ""
        self._is_script = False
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.elements.append((tag, given))
        self.links += [given[name] for name in ("href", "hx-get") if given.get(name)]
        self._is_script = tag == "script" and "json" not in given.get("type", "")
        if tag == "form":
            is_post = given.get("method", "").lower() == "post"
            self._form = Form(given.get("action", ""), is_post, "enctype" in given)
            self.forms.append(self._form)
        elif tag == "option" and self._select and self._form is not None:
            if "selected" in given or self._select not in self._form.values:
                self._form.values[self._select] = [given.get("value", "")]
        elif self._form is not None and given.get("name") and "disabled" not in given:
            self._field(tag, given, self._form)

    def _field(self, tag: str, given: dict[str, str], form: Form) -> None:
        name, kind = given["name"], given.get("type", "") if tag == "input" else tag
        if tag == "textarea":
            self._area = name
            form.values[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "input" and kind not in {"checkbox", "radio", "file", "submit", "button"}:
            form.values[name] = [given.get("value", "")]
        elif kind in {"checkbox", "radio"} and "checked" in given:
            form.values.setdefault(name, []).append(given.get("value", "on"))
        elif tag == "button":
            form.values.setdefault(name, [given.get("value", "")])
        if kind in _TEXT_TYPES and "readonly" not in given:
            form.texts.append(name)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""
        elif tag == "script":
            self._is_script = False

    def handle_data(self, data: str) -> None:
        if self._is_script:
            self.scripts.append(data)
        if self._area and self._form is not None:
            self._form.values[self._area][0] += data

    def unknown_decl(self, data: str) -> None:
        """Nothing: browsers skip it, too."""
