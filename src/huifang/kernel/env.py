"""The one typed table of settings, read from the environment once. No Django.

Each call adds a row to `TABLE`, from which the settings page of the documentation is made.
"""

import ipaddress
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


class SettingError(Exception):
    """A setting has a value that cannot be used. The message says which and what would do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One row of the settings table."""

    name: str
    kind: str
    default: str
    help: str


TABLE: dict[str, Setting] = {}


def _raw(name: str, kind: str, default: str, text: str) -> str:
    TABLE[name] = Setting(name=name, kind=kind, default=default, help=text)
    return os.environ.get(name, "") or default


def text(name: str, *, default: str = "", help: str) -> str:
    """A setting that is any text."""
    return _raw(name, "text", default, help)


def integer(name: str, *, default: int, help: str) -> int:
    """A setting that is a whole number. Raises `SettingError`."""
    raw = _raw(name, "integer", str(default), help)
    try:
        return int(raw)
    except ValueError:
        raise SettingError(f"{name} must be a whole number, not {raw!r}.") from None


def boolean(name: str, *, default: bool, help: str) -> bool:
    """A setting that is true or false. Raises `SettingError`."""
    raw = _raw(name, "boolean", str(default).lower(), help).lower()
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"{name} must be true or false, not {raw!r}.")


def path(name: str, *, default: str, help: str) -> Path:
    """A setting that is a path, made absolute."""
    return Path(_raw(name, "path", default, help)).expanduser().absolute()


def words(name: str, *, default: str = "", help: str) -> list[str]:
    """A setting that is a list, separated by commas."""
    return [word.strip() for word in _raw(name, "list", default, help).split(",") if word.strip()]


def choice(name: str, *, choices: Sequence[str], default: str, help: str) -> str:
    """A setting that is one of *choices*. Raises `SettingError`."""
    found = _raw(name, " or ".join(choices), default, help)
    if found not in choices:
        raise SettingError(f"{name} must be {' or '.join(choices)}, not {found!r}.")
    return found


def networks(name: str, *, help: str) -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    """A setting that is a list of networks or single addresses. Raises `SettingError`."""
    try:
        return [
            ipaddress.ip_network(word, strict=False)
            for word in _raw(name, "networks", "", help).replace(",", " ").split()
        ]
    except ValueError as error:
        raise SettingError(f"{name} must be networks such as 10.0.0.0/8: {error}.") from None
