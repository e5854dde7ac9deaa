"""Reads a page's form as a browser would send it."""

from html.parser import HTMLParser

from django.http import QueryDict


class _Form(HTMLParser):
    """The fields of one form with what they hold."""

    def __init__(self, form: str) -> None:
        super().__init__()
        self.data = QueryDict(mutable=True)
        self._form, self._is_inside = form, False
        self._area, self._select, self._text = "", "", ""
        self._chosen: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self._is_inside = given.get("id") == self._form
        name = given.get("name") or ""
        if not (self._is_inside or given.get("form") == self._form):
            return
        if tag == "input" and name:
            is_box = given.get("type") in {"checkbox", "radio"}
            if not is_box or "checked" in given:
                self.data.appendlist(name, given.get("value") or ("on" if is_box else ""))
        elif tag == "textarea":
            self._area, self._text = name, ""
        elif tag == "select":
            self._select, self._chosen = name, None
        elif tag == "option" and self._select and (self._chosen is None or "selected" in given):
            self._chosen = given.get("value") or ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area:
            self.data.appendlist(self._area, self._text.removeprefix("\n"))
            self._area = ""
        elif tag == "select":
            if self._select and self._chosen is not None:
                self.data.appendlist(self._select, self._chosen)
            self._select = ""
        elif tag == "form":
            self._is_inside = False


def fields_of(html: str, *, form: str) -> QueryDict:
    """What the form with the id *form* would send."""
    reader = _Form(form)
    reader.feed(html)
    return reader.data
