"""Whatever a text may be marked with has a name in the reader's language."""

import pytest
from django.utils import translation

from huifang.textanalysis import naming, phrases


@pytest.mark.parametrize("cue", sorted(phrases.data("cues")))
def test_every_cue_is_named_in_both_languages(cue: str) -> None:
    with translation.override("zh-hans"):
        chinese = naming.named("cue", cue)
    assert chinese != cue
    assert not chinese.isascii()
