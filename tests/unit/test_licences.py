"""Every package that comes with the product is under a licence that was agreed to."""

import re

from tools.reference import licences

# MPL and LGPL: used as they are, as libraries, never changed.
AGREED = re.compile(
    r"MIT|BSD|Apache|ISC|Zlib|CC0|PSF|Python Software Foundation|Mozilla Public License 2\.0|MPL-2\.0"
    r"|LGPL-3\.0-only"
)
# Its metadata names a BSD licence, and a class for "other" beside it.
READ_BY_HAND = {"qrcode": "BSD License; Other/Proprietary License"}


def test_every_licence_was_agreed_to() -> None:
    found = licences()
    assert len(found) > 50
    strange = {}
    for name, licence in found.items():
        parts = re.split(r" AND |; ", licence)
        is_agreed = all(any(map(AGREED.search, part.split(" OR "))) for part in parts)
        if not is_agreed and READ_BY_HAND.get(name) != licence:
            strange[name] = licence
    assert not strange
