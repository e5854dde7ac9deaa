"""The vault: what is sealed stays closed to others, is opened after rotation, and is found by hash."""

import base64
import stat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huifang.kernel import vault
from huifang.kernel.vault import Keyring, VaultError

ONE, TWO = b"1" * 32, b"2" * 32


@pytest.fixture
def with_keys(monkeypatch):
    """Gives this process another keyring."""

    def use(**masters: bytes) -> None:
        ring = Keyring({int(name[1:]): key for name, key in masters.items()})
        vault.derive.cache_clear()
        vault._cipher.cache_clear()
        monkeypatch.setattr(vault, "keyring", lambda: ring)

    yield use
    vault.derive.cache_clear()
    vault._cipher.cache_clear()


@given(st.binary(max_size=300), st.text(min_size=1, max_size=20))
def test_what_is_sealed_opens_in_its_context_only(data, context):
    sealed = vault.seal(data, context=context)
    assert vault.unseal(sealed, context=context) == data
    with pytest.raises(VaultError):
        vault.unseal(sealed, context=context + "x")


def test_the_same_data_is_sealed_differently_each_time():
    assert vault.seal(b"+8613800000421", context="c") != vault.seal(b"+8613800000421", context="c")


@given(st.binary(min_size=1, max_size=60), st.data())
def test_a_changed_byte_is_noticed(data, chosen):
    sealed = bytearray(vault.seal(data, context="c"))
    place = chosen.draw(st.integers(0, len(sealed) - 1))
    sealed[place] ^= 1
    with pytest.raises(VaultError):
        vault.unseal(bytes(sealed), context="c")


@pytest.mark.parametrize("sealed", [b"", b"\x01", b"\x01" * 28])
def test_too_little_is_refused(sealed):
    with pytest.raises(VaultError):
        vault.unseal(sealed, context="c")


def test_after_rotation_old_data_opens_and_new_data_uses_the_new_key(with_keys):
    with_keys(k1=ONE)
    old = vault.seal(b"old", context="c")
    index, token = vault.blind_index("lin@example.com", context="c"), vault.token("survey", 7)
    with_keys(k1=ONE, k2=TWO)
    assert vault.unseal(old, context="c") == b"old"
    assert vault.seal(b"new", context="c")[0] == 2
    assert vault.blind_index("lin@example.com", context="c") == index
    assert vault.read_token("survey", token) == 7


def test_without_its_key_nothing_opens(with_keys):
    with_keys(k1=ONE)
    sealed = vault.seal(b"x", context="c")
    with_keys(k2=TWO)
    with pytest.raises(VaultError):
        vault.unseal(sealed, context="c")


@given(st.integers(0, 2**63 - 1))
def test_a_token_reads_back_for_its_purpose_only(number):
    token = vault.token("survey", number)
    assert len(token) == 32
    assert vault.read_token("survey", token) == number
    assert vault.read_token("preference", token) is None


@given(st.text(max_size=40))
def test_no_other_text_is_a_token(text):
    assert vault.read_token("survey", text) is None


def test_a_token_with_one_letter_changed_is_none():
    token = vault.token("survey", 41)
    assert vault.read_token("survey", ("A" if token[0] != "A" else "B") + token[1:]) is None


@pytest.mark.parametrize("text", ["", "1:short", "x:" + base64.b64encode(ONE).decode(), "0:" + "A" * 44])
def test_a_bad_keyring_is_refused(text):
    with pytest.raises(VaultError):
        vault.read_keyring(text)


def test_a_key_file_is_made_once_for_its_owner_only(tmp_path):
    file = tmp_path / "keys" / "master.key"
    vault.create_key_file(file)
    first = file.read_text(encoding="ascii")
    vault.create_key_file(file)
    assert file.read_text(encoding="ascii") == first
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert vault.read_keyring(first).newest == 1
