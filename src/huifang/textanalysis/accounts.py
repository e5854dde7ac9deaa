"""Recognises e-mail addresses, payment handles, messengers, passwords, one-time codes. Pure."""

import re

from huifang.textanalysis.clues import Rule, always, compiled, either

_AT = r" ?(?:@|\(at\)|\[at\]|\bat\b|艾特) ?"
_EMAIL = r"[A-Z0-9][A-Z0-9._%+\-]{0,63} ?(?:@|\(at\)|\[at\]) ?[A-Z0-9\-]{1,63}(?:\.[A-Z0-9\-]{1,63}){0,4}"
_PROVIDERS = (
    "gmail|googlemail|qq|163|126|139|189|foxmail|outlook|hotmail|live|yahoo|ymail|rediffmail|icloud|sina"
    "|aliyun|proton"
)
# Written apart or in words: only where a provider or a usual ending tells that it is one.
_LOOSE = (
    rf"[A-Z0-9][A-Z0-9._%+\-]{{0,63}}(?: dot [A-Z0-9]{{1,20}}){{0,2}}(?: ?[@#*] ?|{_AT})(?:{_PROVIDERS})"
    r"(?: ?[.。] ?| dot )(?:com?|net|cn|in|org)(?:(?: ?\. ?| dot )(?:cn|in|uk|hk|tw|sg|my))?"
)
# The banks and apps of UPI, behind the @ of a handle.
_BANKS = (
    "ok(?:axis|sbi|hdfcbank|icici)|paytm|pt(?:yes|sbi|hdfc|axis)|ybl|ibl|axl|upi|apl|yapl|rapl|fbl|sbi|icici"
    "|hdfcbank"
    "|axisbank|kotak|kmbl|jupiteraxes|wa(?:icici|hdfcbank|axis|sbi)|ikwik|freecharge|airtel|postbank|naviaxis"
    "|superyes|yescred|barodampay|cnrb|pnb|unionbank|idfcbank|idfcfirst|federal|indus|dbs|hsbc|citi|mahb|boi"
)
_MESSENGER = (
    r"(?:微信号?|[薇威v]信号?|加[v微]|v我|\bwe ?chat(?: id)?|weixin|\bvx|\bwx|QQ号?|扣扣|企鹅号?"
    r"|支付宝(?:账号)?|抖音号|快手号"
    r"|\btelegram(?: id)?|\btg|\bskype(?: id)?|\bline ?id|\bsnap(?:chat)?(?: id)?|\binsta(?:gram)?(?: id)?"
    r"|\bkakao(?: id)?"
    r"|\bupi(?: id)?|\bvpa|\b(?:gpay|g ?pay|phone ?pe|paytm|gcash|cash ?app|venmo|paypal|login|user)[ \-]?id"
    r"|\buser ?name|用户名|登录名|用户id|\bcash ?tag)"
)
_MESSENGER_WORDS = either(
    "微信|薇信|威信|v信|加v|加微|v我|we chat|wechat|weixin|vx|wx|qq|扣扣|企鹅|支付宝|抖音|快手|telegram|tg"
    "|skype|line id"
    "|lineid|snap|insta|kakao|upi|vpa|pay id|pay-id|payid|paytm id|pe id|gcash id|app id|venmo id|paypal id"
    "|login id|loginid|user id|user-id|userid|username|user name|用户名|登录名|用户id|cash tag|cashtag"
)
_CODE = (
    r"(?:验证码|校验码|动态码|口令|支付密码|登录密码|密码|\botp|\bm?pin(?: code)?|\bupi pin|passwo?rd"
    r"|\bpasswd|\bpwd|passcode|\bcvv2?|\bcvc)"
)
_CODE_WORDS = either("码|口令|otp|pin|pass|pwd|cvv|cvc")
_UNITS = (
    r"(?![0-9]|\.[0-9]| ?(?:[年月天次位元块分秒个条遍]|小时|minutes?\b|mins?\b|hours?\b|rs\b|inr|times"
    r"|digits?\b|days?\b))"
)
_TELLING = (
    r"(?:告诉|给了?|发给|输入?了?|填|念|[设改换]成|[设改]为|told|gave|give|shared|entered|typed|said"
    r"|changed to|set to)"
)


def _is_email(found: str) -> bool:
    """An example of how one is written is nobody's."""
    return re.fullmatch(r"x+@x+\.[a-z]+", found, re.IGNORECASE) is None


def _is_account(found: str) -> bool:
    return any(each.isdigit() or each == "@" for each in found)


# These hold digits that are nothing else: before phones and cards.
HANDLES: tuple[Rule, ...] = (
    Rule("email", compiled(rf"(?P<it>{_EMAIL}\.[A-Z]{{2,24}})"), _is_email, words=("@", "(at)", "[at]")),
    Rule("email", compiled(
        rf"(?<![A-Z0-9._%+\-])(?P<it>{_LOOSE})(?![A-Z0-9])"
    ), always, words=("@", "#", "*", "艾特", " at "), sign=_PROVIDERS),
    Rule("account", compiled(
        rf"(?<![A-Z0-9.\-_])(?P<it>[A-Z0-9.\-_]{{2,40}}@(?:{_BANKS}))(?![A-Z0-9.\-_]*[A-Z0-9])"
    ), always, words=("@",)),
)  # fmt: skip

RULES: tuple[Rule, ...] = (
    Rule("account", compiled(
        rf"{_MESSENGER}(?: ?(?:[是为:]|is\b|="
        rf"|@me)){{0,2}}[ :]{{0,2}}(?P<it>[@$]?[A-Z0-9](?:live:)?[A-Z0-9_.@:\-]{{4,40}})"
    ), _is_account, sign="[0-9@]", words=_MESSENGER_WORDS),
    Rule("secret", compiled(
        rf"{_CODE}(?:是|为|了|:| is| was"
        rf"|\s){{0,3}}(?P<it>(?=[A-Z!@#$%&*]{{0,20}}[0-9])[A-Z0-9!@#$%&*]{{3,24}}){_UNITS}"
    ), always, digits=1, words=_CODE_WORDS),
    Rule("secret", compiled(
        rf"(?:{_CODE}|\bcode)[^0-9\n]{{0,24}}?{_TELLING}[^A-Z0-9\n]{{0,6}}(?:(?:him|her|them|it"
        rf"|to)\b[ :,]{{0,2}}){{0,2}}"
        rf"(?P<it>(?=[A-Z]{{0,12}}[0-9])[A-Z0-9!@#$%&*]{{4,24}}){_UNITS}"
    ), always, digits=1, words=(*_CODE_WORDS, "code")),
    Rule("secret", compiled(
        rf"(?:got|received|verification|security|login|sign[ \-]?in|sms|access|one[ \-]time|sent(?: me)?"
        rf"|收到)(?: a| the| this)? ?(?:code|验证码)"
        rf"(?:是|为|:| is| was|\s){{0,3}}(?P<it>(?:[A-Z]\-)?[0-9]{{4,8}}){_UNITS}"
    ), always, digits=4, words=("code", "码")),
)  # fmt: skip
