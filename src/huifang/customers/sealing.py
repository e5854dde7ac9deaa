"""Seals, opens and finds personal values of the customers room. Knows the contexts; holds no data."""

from huifang.customers.cleaning import index_form
from huifang.kernel import vault

_CONTACT_POINT = "contact-point"
_NAME = "customer-name"
_BIRTHDAY = "birthday"


def seal_contact(value: str) -> bytes:
    """Encrypt the value of a contact point."""
    return vault.seal(value.encode(), context=_CONTACT_POINT)


def open_contact(sealed: bytes | memoryview) -> str:
    """Decrypt the value of a contact point."""
    return vault.unseal(bytes(sealed), context=_CONTACT_POINT).decode()


def contact_hash(kind: str, value: str) -> bytes:
    """The keyed hash by which equal contact points of *kind* are found; *value* is clean."""
    return vault.blind_index(f"{kind}:{index_form(kind, value)}", context=_CONTACT_POINT)


def birthday_hash(month_day: str) -> bytes:
    """The keyed hash by which birthdays on one day of the year are found."""
    return vault.blind_index(month_day, context=_BIRTHDAY)


def seal_name(name: str) -> bytes:
    """Encrypt a customer's name."""
    return vault.seal(name.encode(), context=_NAME)


def open_name(sealed: bytes | memoryview | None) -> str:
    """Decrypt a customer's name; "" where there is none."""
    return vault.unseal(bytes(sealed), context=_NAME).decode() if sealed else ""
