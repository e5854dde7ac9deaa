"""WeChat and WeCom as their documentation has them: tokens that end, and answers by ``errcode``."""

from urllib.parse import parse_qsl, urlsplit

from tests.contract.delivery.providers import Answer, Posted

OPENID = "o6_bmjrPTlm6_2sgVt7hMZOPfL2M"
MEMBER = "LinLan"
AES_KEY = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
CORP, APPID = "wx5823bf96d3bd56c7", "wxb1427e62d0b3a1f5"
WECHAT_SETTINGS = {
    "appid": APPID,
    "secret": "made-up",
    "template_id": "ngqIpbwh8bUfcSsECmogfXcV14J0tQlEpBO27izEYtY",
    "data": '{"thing1": "{subject}", "thing2": "{body}"}',
    "token": "spamtest",
    "aes_key": AES_KEY,
    "base_url": "{url}",
}
WECOM_SETTINGS = {
    "corpid": CORP,
    "secret": "made-up",
    "agent_id": "1000002",
    "token": "QDG6eK",
    "aes_key": AES_KEY,
    "base_url": "{url}",
}


def says(code: int, **more: object) -> Answer:
    """An answer of either platform."""
    return Answer(status=200, body={"errcode": code, "errmsg": "…", **more})


class Messenger:
    """One platform: gives tokens, and takes messages that carry the newest."""

    def __init__(self) -> None:
        self.given = 0

    @property
    def token(self) -> str:
        return f"token-{self.given}"

    def __call__(self, posted: Posted) -> Answer:
        parts = urlsplit(posted.path)
        if parts.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
            self.given += 1
            return says(0, access_token=self.token, expires_in=7200)
        if dict(parse_qsl(parts.query)).get("access_token") != self.token:
            return says(42001)
        return _taken(posted)


def _taken(posted: Posted) -> Answer:
    path = urlsplit(posted.path).path
    if path == "/cgi-bin/message/template/send":
        assert set(posted.json) >= {"touser", "template_id", "data"}
        assert all(set(each) == {"value"} for each in posted.json["data"].values())
        return says(0, msgid=200228332)
    if path == "/cgi-bin/message/subscribe/bizsend":
        return says(0)
    if path == "/cgi-bin/message/send":
        assert isinstance(posted.json["agentid"], int)
        assert posted.json["text"]["content"]
        return says(0, invaliduser="", msgid="EXmmvyN6-8F7S5gDnqRl")
    if path == "/cgi-bin/externalcontact/add_msg_template":
        return says(0, fail_list=[], msgid="msgGCAAAXtWyujaWJHDDGi0mAAAA")
    return says(40066)


def any_token(posted: Posted) -> Answer:
    """A platform whose token never ends."""
    parts = urlsplit(posted.path)
    if parts.path in ("/cgi-bin/stable_token", "/cgi-bin/gettoken"):
        return says(0, access_token="token", expires_in=7200)
    return _taken(posted)
