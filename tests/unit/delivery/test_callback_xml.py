"""XML of callbacks: no document type in any encoding, and whatever customers write."""

import pytest

from huifang.delivery.channels.im import crypto
from huifang.delivery.errors import NoticeMalformedError

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><xml><Content>&b;</Content></xml>'


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "utf-32", "utf-8-sig"])
def test_a_document_type_is_refused_in_every_encoding(encoding: str) -> None:
    with pytest.raises(NoticeMalformedError):
        crypto.read_xml(BOMB.encode(encoding))
    with pytest.raises(NoticeMalformedError):
        crypto.read_xml(f'<?xml version="1.0" encoding="{encoding}"?>{BOMB}'.encode(encoding))


def test_a_customer_may_write_what_looks_like_a_document_type() -> None:
    told = "退订 <!DOCTYPE html><!-- -->"
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<xml><Content><![CDATA[{told}]]></Content></xml>'
    assert crypto.read_xml(xml.encode()) == {"Content": told}
