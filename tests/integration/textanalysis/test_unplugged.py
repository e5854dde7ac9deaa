"""What a worker does with texts, all of it, with the network unplugged: no address or name is asked for."""

import ipaddress
import socket
from datetime import timedelta

import pytest
from tests.integration.textanalysis.texts import NOW, take, text

from huifang.kernel import clock
from huifang.textanalysis import engine_choice, proposing, queries, tasks, watching
from huifang.textanalysis.models import Finding

pytestmark = pytest.mark.django_db
SAID = {
    "zh": "提现手续费太高了，还不如支付宝",
    "en": "Withdrawal fee is far too high, please lower it. Call me on +44 7911 123456",
    "ask": "怎么找回支付密码？",
    "glad": "到账很快，客服也耐心",
}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every way out of this machine that somebody tried; each is refused."""
    tried: list[str] = []

    def refused(self: object, address: object, *rest: object) -> None:
        if isinstance(address, tuple) and not ipaddress.ip_address(str(address[0])).is_loopback:
            tried.append(str(address))
            raise OSError("the network is unplugged")
        connect(self, address, *rest)

    def unknown(host: object, *rest: object, **more: object) -> list[object]:
        tried.append(str(host))
        raise socket.gaierror("the network is unplugged")

    connect = socket.socket.connect
    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    monkeypatch.setattr(socket, "gethostbyname", unknown)
    return tried


def test_texts_are_learnt_read_watched_and_looked_through_without_a_network(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    engine_choice.forget()
    take(*(text(key, words, at=NOW - timedelta(hours=1)) for key, words in SAID.items()))
    while tasks.do_chores() or tasks.read_texts():
        pass
    watching.check(now=NOW)
    proposing.discover(now=NOW)
    queries.faq_search(question="怎么改密码")
    found = {row.key: row for row in Finding.objects.all()}
    assert {row.state for row in found.values()} == {"done"}
    # The default engine, with what it knows of meaning.
    assert {row.engine for row in found.values()} == {"fused"}
    assert found["zh"].topics[:1] == ["fees"]
    assert found["zh"].competitors[0]["name"] == "Alipay"
    assert "7911" not in found["en"].masked
    assert found["ask"].intent == "question"
    assert found["glad"].sentiment == "positive"
    assert asked == []
