"""Addresses of the built styles and scripts, each with a hash of its content: browsers may keep it."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles import finders
from django.templatetags.static import static

_HASH_LENGTH = 10


def url_of(name: str) -> str:
    """The address of ``huifang/NAME``; without a hash where it was not built."""
    tag = _tag_now(name) if settings.DEBUG else _tag(name)
    url = static(f"huifang/{name}")
    return f"{url}?v={tag}" if tag else url


def _tag_now(name: str) -> str:
    found = finders.find(f"huifang/{name}")
    return sha256(Path(found).read_bytes()).hexdigest()[:_HASH_LENGTH] if isinstance(found, str) else ""


_tag = cache(_tag_now)
