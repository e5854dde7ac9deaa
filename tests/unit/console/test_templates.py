"""No template carries script or style of its own: the content security policy would stop it in silence."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[3] / "src" / "huifang"
TEMPLATES = sorted(path for path in SOURCE.rglob("templates/**/*.html"))
_TEMPLATE_CODE = re.compile(r"{%.*?%}|{{.*?}}|{#.*?#}", re.DOTALL)


class Finder(HTMLParser):
    """Collects what the policy forbids."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._inside = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        self.found += [f"{tag} {name}" for name in names if name == "style" or re.match(r"on[a-z]", name)]
        self.found += [f"{tag} {name}" for name in names if name.startswith(("hx-on", "x-on", "@"))]
        self.found += [f"{tag} javascript:" for _, value in attrs if (value or "").startswith("javascript:")]
        self._inside = tag if tag in {"script", "style"} else ""

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.found.append(f"<{self._inside}> with a body")

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""


def found_in(text: str) -> list[str]:
    finder = Finder()
    finder.feed(_TEMPLATE_CODE.sub("", text))
    return finder.found


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_template_holds_no_script_and_no_style(path: Path) -> None:
    assert found_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        '<a onclick="go()">',
        "<script>go()</script>",
        "<style>p { }</style>",
        '<div hx-on:click="go()">',
        '<a href="javascript:go()">',
        '<p {% if a %}class="b"{% endif %} style="width: {{ share }}%">',
    ],
)
def test_the_scan_finds_what_it_looks_for(text: str) -> None:
    assert found_in(text) != []


def test_there_are_templates_to_scan() -> None:
    assert len(TEMPLATES) > 40
