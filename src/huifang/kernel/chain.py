"""Hash chains for append-only tables: each entry's hash covers its content and the entry before."""

import json
from collections.abc import Mapping

from huifang.kernel import vault

GENESIS = bytes(32)


def link(previous: bytes, content: Mapping[str, object], *, context: str) -> bytes:
    """The keyed hash (32 bytes) of an entry with *content* that follows *previous*.

    Keyed, so that whoever can write to the database but lacks the key cannot forge a chain.
    *content* holds JSON values only.
    """
    body = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return vault.signature(bytes(previous) + body.encode(), context=f"chain/{context}")
