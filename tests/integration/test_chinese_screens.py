"""Every main screen, read by a browser that asks for Chinese: known words are there, no English is left."""

import re
from datetime import timedelta
from html.parser import HTMLParser

import polib  # type: ignore[import-untyped,import-not-found,unused-ignore]
import pytest
from django.test import Client
from tests.integration.plans.makers import START, customer, enrolment, happen, live, work
from tools import messages

from huifang.console.names import EVENTS
from huifang.customers import queries as customers
from huifang.kernel import clock
from huifang.kernel.ids import InvitationId
from huifang.questionnaires.models import Invitation
from huifang.questionnaires.queries import invitation_path

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = {
    "/": ["今日", "昨天的一圈", "客户怎么说", "答复率"],
    "/plans/": ["回访计划", "新建计划", "入组"],
    "/plans/new/": ["从一个现成的开始"],
    "/questionnaires/": ["问卷", "题数"],
    "/feedback/": ["客户原声", "还没有答卷"],
    "/insights/": ["洞察", "还没有答卷"],
    "/customers/": ["客户", "软钱包", "已授权"],
    "/customers/W-1/": ["现在能联系吗", "触达预算", "决策", "入组", "授权", "消息正在发送"],
    "/customers/W-2/": ["为什么没有因为", "因为客户没有同意在这个渠道被询问", "不联系", "未获授权"],
    "/attempts/": ["触达", "应用内"],
    "/settings/": ["设置", "触达预算与时段", "审计日志"],
    "/settings/you/": ["第二重验证", "时区"],
    "/settings/people/": ["人员", "管理员"],
    "/settings/roles/": ["上线计划", "必须"],
    "/settings/audit/": ["只增不改"],
    "/settings/contact/": ["可联系时段", "工作日", "轮回访"],
    "/settings/channels/": ["应用内收件箱"],
    "/settings/sources/": ["写入密钥"],
    "/settings/sources/catalogue/": ["向商户付款成功。"],
    "/settings/sources/rejected/": ["没有被拒收的消息"],
    "/settings/api-keys/": ["还没有密钥"],
    "/settings/outbox/": ["没有搁置的事实"],
    "/nowhere/": ["这里什么也没有"],
}
ENGLISH = {
    entry.msgid
    for entry in polib.pofile(str(messages.LOCALE / "zh_Hans" / "LC_MESSAGES" / "django.po"))
    if not entry.obsolete and entry.msgid != entry.msgstr and re.search("[A-Za-z]{3}", entry.msgid)
} - {"English", *EVENTS}  # a language is named in itself, and an event as the wallet sends it
_SPOKEN = ("aria-label", "title", "placeholder", "alt", "data-failed", "data-offline", "data-below")


class _Said(HTMLParser):
    """Collects what a reader sees or hears: text outside code and texts of attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style", "code", "kbd")
        self.texts += [value for name, value in attrs if value and name in _SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style", "code", "kbd")

    def handle_data(self, data: str) -> None:
        if not self._silent and data.strip():
            self.texts.append(" ".join(data.split()))


def said(html: str) -> list[str]:
    """What the page says, piece by piece."""
    parser = _Said()
    parser.feed(html)
    return parser.texts


@pytest.fixture
def reader(client: Client, django_user_model, monkeypatch: pytest.MonkeyPatch) -> Client:
    """An administrator with a Chinese browser; one customer was asked, another never agreed."""
    messages.compile_all()
    now = START + 2 * DAY
    monkeypatch.setattr(clock, "now", lambda: now)
    person = django_user_model.objects.create(email="shen@example.com", role="admin", date_joined=START)
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "zh-CN,zh;q=0.9,en;q=0.5"
    live()
    customer("W-1")
    happen("W-1", at=START + DAY)
    customer("W-2", consent=False)
    happen("W-2", at=START + DAY)
    work(START + DAY)
    return client


@pytest.mark.parametrize("path", sorted(WORDS))
def test_a_screen_speaks_chinese(reader: Client, path: str) -> None:
    page = reader.get(path).content.decode()
    assert '<html lang="zh-Hans"' in page
    text = "".join(said(page))
    assert [word for word in WORDS[path] if word not in text] == []
    assert sorted(ENGLISH.intersection(said(page))) == []


def test_the_survey_and_the_preference_page_speak_chinese(reader: Client) -> None:
    profile = customers.profile(external_id="W-1")
    invitation = Invitation.objects.get(key=f"enrolment:{enrolment(profile.id).pk}")
    pages = {
        invitation_path(invitation_id=InvitationId(invitation.pk)): "跳过这题|点一下就到下一题",
        f"{customers.preference_path(customer_id=profile.id)}?l=zh-Hans": "什么都不要再发给我",
        "/s/nothing": "这个链接打不开。",
    }
    for path, word in pages.items():
        page = reader.get(path).content.decode()
        assert re.search(word, page)
        assert sorted(ENGLISH.intersection(said(page))) == []


def test_the_same_screens_speak_english_to_others(reader: Client) -> None:
    reader.defaults["HTTP_ACCEPT_LANGUAGE"] = "en-GB"
    page = reader.get("/plans/").content.decode()
    assert '<html lang="en"' in page
    assert "New plan" in page
    assert not re.search("[\u4e00-\u9fff]", "".join(said(page)).replace("中文", "").replace("首次支付", ""))
