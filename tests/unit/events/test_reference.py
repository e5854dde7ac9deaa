"""The page about events says what the code says."""

from pathlib import Path

from huifang.events import reference
from huifang.events.catalogue import DECLARED
from huifang.events.gateway import PATHS
from huifang.events.rejections import MEANINGS, Code
from huifang.kernel.roles import ROLES

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "events.md"


def test_the_page_is_up_to_date():
    """Write it anew with: python -m huifang.events.reference docs/reference/events.md"""
    text = PAGE.read_text(encoding="utf-8")
    assert reference.filled(text) == text
    for name in ("events", "codes", "personal", "limits"):
        assert f"<!-- from code: {name} -->\n|" in text


def test_every_path_is_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    assert [path for path in PATHS if len(path) > 1 and f"/v1/{path}" not in text] == []


def test_every_code_has_a_meaning():
    assert set(MEANINGS) == set(Code)


def test_names_are_declared_once():
    names = [each.name for each in DECLARED]
    assert len(names) == len(set(names))


def test_somebody_may_replay():
    assert any({"events.view", "events.replay"} <= permissions for permissions in ROLES.values())
