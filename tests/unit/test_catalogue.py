"""Both languages are complete: nothing empty, nothing fuzzy, every stored word has its Chinese."""

import polib  # type: ignore[import-untyped,import-not-found,unused-ignore]
import pytest
from tools import messages

from huifang.console import names
from huifang.kernel.roles import ROLE_NAMES
from huifang.plans import phrases

CATALOGUE = polib.pofile(str(messages.LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"))
CHINESE = {entry.msgid: entry.msgstr for entry in CATALOGUE if not entry.obsolete and not entry.msgctxt}
TABLES = {
    "attempt states": names.ATTEMPT_STATES,
    "channels": names.CHANNELS,
    "conditions": phrases.OPS,
    "contact classes": names.CONTACT_CLASSES,
    "events": names.EVENTS,
    "faults of plans": phrases.FAULTS,
    "metrics": names.METRICS,
    "permissions": names.PERMISSIONS,
    "purposes": names.PURPOSES,
    "reasons": names.REASONS,
    "roles": ROLE_NAMES,
    "rules": names.RULES,
    "wallet kinds": names.WALLET_KINDS,
}


def test_no_text_is_empty_fuzzy_or_lacks_a_placeholder() -> None:
    found = [each for source in messages.catalogues() for each in messages.complaints_of(source)]
    assert found == []


@pytest.mark.parametrize("table", sorted(TABLES))
def test_every_stored_word_has_its_chinese(table: str) -> None:
    assert [text for text in TABLES[table].values() if not CHINESE.get(text)] == []


def test_a_fault_of_a_catalogue_is_said() -> None:
    entry = polib.POEntry(msgid="{number} people", msgstr="人")
    assert not messages.same_places(entry, entry.msgstr)


def test_pieces_of_a_chinese_text_are_not_joined_by_a_half_width_colon() -> None:
    joined = [text for text in CHINESE.values() if ": " in text and "Bearer" not in text]
    assert joined == []
