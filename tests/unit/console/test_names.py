"""Every stored word has a name that a reader understands."""

from huifang.console import names
from huifang.decisions.reasons import Reason
from huifang.kernel.roles import ROLE_NAMES, ROLES


def test_every_reason_has_a_name() -> None:
    assert set(names.REASONS) == set(Reason)


def test_every_role_has_a_name() -> None:
    assert set(ROLE_NAMES) == set(ROLES)


def test_every_permission_has_a_name() -> None:
    assert set(names.PERMISSIONS) == set().union(*ROLES.values())


def test_an_unknown_word_is_shown_as_it_is() -> None:
    assert names.named("channel", "pigeon") == "pigeon"
