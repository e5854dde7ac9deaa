"""The documentation cannot drift: pages made from code are as code makes them, and links lead somewhere."""

import re
from pathlib import Path

import pytest
from tools import reference

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("src/huifang/*/README.md")])


@pytest.mark.parametrize("name", reference.PAGES)
def test_a_page_made_from_code_is_up_to_date(name):
    """Write it anew with: make docs"""
    assert (reference.FOLDER / name).read_text(encoding="utf-8") == reference.render(name)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files_that_are_there(page):
    text = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", text)
    assert [target for target in targets if not (page.parent / target).exists()] == []


def test_decisions_are_numbered_without_gaps_and_short():
    files = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    assert [file.name[:4] for file in files] == [f"{number:04d}" for number in range(1, len(files) + 1)]
    assert [file.name for file in files if len(file.read_text(encoding="utf-8").splitlines()) > 60] == []


def test_both_readmes_have_the_same_ten_parts():
    english, chinese = (
        re.findall(r"^#+ ", (ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
        for name in ("README.md", "README.zh-CN.md")
    )
    assert english == chinese


def test_the_map_is_short():
    assert len((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 200
