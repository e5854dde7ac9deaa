"""What is wished for: a clause that asks us for something, not advice to others or a hope."""

import re
from functools import cache

from huifang.textanalysis import phrases
from huifang.textanalysis.phrases import Phrases

_LENGTH_MAX = 120
_CLAUSE = re.compile(r"[^，。！？；,.!?;\n]+[！？!?]?")
# Advice to other customers, hopes about life, thanks of a shop to its guests, something to be mended.
_NOT_ZH = re.compile(
    r"不建议|一如既往|充满希望|估计|建议还是|取消算了|希望自己|修理?好|[意和]见?和?建议|的建议|建议(?:我|先|非要|睡|以后还是|是|买|购|选|住|去|到|换|要|别|坚持|关|各位|大家|朋友|亲|千万|不要|电子|乘|把?[SMLX]+码|携?协?程取消|用)"
    r"|(?:不要|别|勿|慎重|小心|少在)[^，。]{0,8}(?:买|住|去|选|用|入|碰|上当|推荐)|慎重选择|小心了"
    r"|(?:希望|期待)[^，。]{0,3}(?:您|其他人|大家|各位|朋友|光临|再次|您的|您在|有好?的?效果|能?有?效果|好用|不会|不影响|不要|别)"
    r"|我(?:们)?(?:告诉|跟|说)[^，。]{0,6}希望|(?:感受到|有|没|看到|的)了?希望$|[如合出]期待|以?作?改进$"
)
# Who hopes or advises asks something of us only where it says what we could do.
_ASKED_ZH = re.compile(
    r"(?:希望|建议|期待|盼望)[^，。]{0,12}?(?:增加|增设|增|加上|加个|加一|加强|加快|添|开通|支持(?!者|本土|国货|[你他她])|取消|改|提供|推出|优化|降|提高|提升|设置|设个"
    r"|出[个一更台]|更新|上线|调整|简化|开放|恢复|允许|统一|完善|采用|重新|便宜|优惠|划算|缩短|延长|放宽|快一?[点些]|多[点些一几做搞出送]"
    r"|再[多快大长便低]|[能以]把|送[个一]|有[个一更夜]|像[^，。]{1,6}一样|能?够?自动|可以选|能选|分开|合并"
    r"|能有|能按|能用|也能(?!做|帮|像|够|不|吃|看|一直|如此|这样)|能设|能在|能直接|提醒(?!大家)|通知|绑定|撤[回销]|秒到|手续费|免费|简[洁单]一?[点些]|[高大低小长短]一?[点些]|把[^，。]{1,8}(?:做|改|放|调|设|换|搬|去掉))"
)
_HOPED_ZH = re.compile(
    r"(?:希望|期待)[^，。]{0,2}(?:能用[的得]|过段|它|真的|坚持|是真|以后会|商家生意|用[得的]|看中|买|质量好|耐|一直|好好保持|你|妳|越)"
    r"|(?:都|并)不希望|用户希望"
)
# Hopes for oneself and for mankind, a shop that answers its guests, what somebody else has said, and regret.
_BODY = "发质|头发|掉发|脱发|头皮|头屑|皮肤|肌肤|睡眠|病情|症状|体质"
_NOT_OF_US_ZH = re.compile(
    rf"(?:{_BODY})[^，。]*?(?:改善|好转|恢复|效|帮助|厉害)|(?:改善|助于|恢复)[^，。]{{0,6}}(?:{_BODY})|长[^，。]{{0,3}}头发"
    r"|(?:希望|期待|盼望)(?:我的?|我们|我家)?(?:孩子|宝宝|身体|祖国|国家|社会|人民|世界|人类)|对(?:我们?的?)?考试"
    r"|谁都希望|每个人|更多的人|政府|官员|网友|那时|人生|生命|她要是|有幸|帮助到|再也不"
    r"|[为给向会对]您|得到您|您们|您所|建议您|我(?:宾馆|酒店|店)|通过我们|我们(?:自身|的(?:歉意|努力|工作))|谅解"
    r"|(?:客服|售后|老[婆公]|朋友|同事|师傅|服务员|前台|工作人员)[^，。希望]{0,4}(?:说(?!明)|讲|告诉|建议)|(?<![能会时])告诉我"
    r"|想改善|不[^，。]{0,4}改善一下|不错吧|味道[^，。]{0,4}不错|用[得的]?久|有则改|长点心|失望|水平不会|有所反馈|合理的?解释"
    r"|(?:能|可以)(?:吃|跟着)|建议(?:拥有|入手|收藏|读|多看)|[最还]好能?(?:订|住)|增加[点些]预算|快点?帮我|[负零0]星"
    r"|(?:本来|原本|当初|曾经?)[^，。]{0,3}希望|(?:要是|如果)(?:当时|当初|早)|过[^，。]{0,3}[天月年]就好|^\s*就好了"
    r"|(?:[今明后]天|周末|月底|[年节]前)[^，。]{0,2}[送收寄]到"
)
_HOPING_ZH = re.compile(r"希望|建议|期待|盼望")
_IF_ZH = re.compile(
    r"如果|要是|要能|(?<!可)能|若"
    r"|再[^，。]{0,4}?(?:[大小高低长短轻重快多薄厚宽亮细软新低点些]|便宜|优惠)"
)
# "If you could" is a wish only where something good comes of it.
_WERE_ZH = re.compile(r"(?:如果|要是)能")
_GOOD_OF_IT_ZH = re.compile(
    r"[就多才再]好|[更最]|完美|满分|[五5]星|不过了|合适|方便|满意|开心|喜欢|[棒赞谢]|就[^，。]{0,8}了"
)
_NOT_EN = re.compile(
    r"\bbe (?:fixed|addressed|resolved|solved|sorted)\b"
    r"|\bshould have (?:been|\w+ed\b|a 0|taken|given|done|known|had|got|gone|come|told|made|rung|said|read)"
    r"|\bsuggest\w*\b[^.]{0,40}\b(?:not|don['’]?t|never|friends?|people|others?|everyone|anyone|read)\b"
    r"|\b(?:any ?one|care|they|team|friend|who)s? suggest|\bi suggest to\b|\bsuggestion[^.]{0,12} is not\b"
    r"|\bwish (?:to|i (?:had|never))\b|\b(?:zero|no|negative) star|\b(?:zero|no|0) stars?\b"
    r"|\bdon['’]?t (?:use|go|install|download|take|trust)\b",
    re.IGNORECASE,
)
# What is left of a clause without these is what is wished for.
_EMPTY_ZH = re.compile(
    r"希望|建议|要是|如果|能不能|可不可以|最好|应该|期待|盼望|就好了|请|求|能够|能|可以|会|加以|显著|调整|进行|以下|反馈|合理|给出|解释|珍[惜视]|品牌|改进|改善|改正|优化|提高|进步|一下|尽快|早日|尽早"
    r"|以后|今后|下次|越来越好|越做越好|更好|好点|好些|考虑|重视|注意|引起|有所|继续|努力|增加|添加|加强|推出|优质"
    r"|以上|上述|这?方面|质量上?|水平|完美|改观|来住|得到|提供|一定的?|责任|小事上?|下点?功夫|立即|真正|真心|做好|把|消费者|顾客|多|有|做|再|用心|用点心|一点|点|些|各?方面|问题"
    r"|你们|贵|我们|公司|商家|店家|酒店|客服|官方|平台|软件|产品|宾馆|饭店|店铺|[厂商卖店]家|老板|网站|商城|出版社|服务(?!员)|东东|东西"
    r"|当当|携成|美团|华为|京东|携程|管理层|以|的|地|得|了|吧|啊|呀|嘛|哦|也|都|还|更|强烈|真|大力|它|他们|这个|那个|这|那"
)
_EMPTY_EN = re.compile(
    r"\b(?:i|we|you|it|this|that|these|those|them|the|a|an|my|your|app|application|service|services|please|kindly|pls|plz|add|improve"
    r"|make|bring|provide|support|can|could|would|should|be|is|are|great|nice|good|better|if|only|also|and|but|so|very|to|for|of|in"
    r"|on|wish|hope|suggest|suggestion|suggestions|have|has|need|needs|like|love|see|me|us|back|more|some|give|help|one|any|much|how"
    r"|soon|again|something|thing|things|best|all|will|do|not|or|with|from|good)\b",
    re.IGNORECASE,
)
_HAN, _LATIN = re.compile(r"[\u3400-\u9fff]"), re.compile(r"[a-z]{3,}", re.IGNORECASE)


@cache
def _signs() -> Phrases:
    return Phrases(phrases.by_language(phrases.data("intents")["wish"]))


def find(text: str) -> str:
    """The words of the first wish in *text*, or ""."""
    if _signs().search(text) is None:
        return ""
    for found in _CLAUSE.finditer(text):
        clause = found.group()
        place = _signs().search(clause)
        if place is not None and _asks(clause) and _comes_to_good(text, found):
            return shortened(clause if len(clause) <= _LENGTH_MAX else clause[place.start :])
    return ""


def _comes_to_good(text: str, clause: re.Match[str]) -> bool:
    """Whether an "if" says in its clause or in the next that it would be good."""
    if not _WERE_ZH.search(clause.group()):
        return True
    following = _CLAUSE.search(text, clause.end())
    said = clause.group() + (following.group() if following else "")
    return following is None or _GOOD_OF_IT_ZH.search(said) is not None


def _asks(clause: str) -> bool:
    """Whether *clause* asks us for something that it names."""
    if _HAN.search(clause):
        if any(form.search(clause) for form in (_NOT_ZH, _HOPED_ZH, _NOT_OF_US_ZH)):
            return False
        if "就好了" in clause and not _IF_ZH.search(clause):
            return False
        hoping = _HOPING_ZH.search(clause)
        if hoping and not _ASKED_ZH.search(clause):
            return False
        # What stands before "I hope" is what happened, not what is asked for.
        asked = clause[hoping.start() :] if hoping else clause
        return len(_HAN.findall(_EMPTY_ZH.sub("", asked))) >= 2
    return _NOT_EN.search(clause) is None and _LATIN.search(_EMPTY_EN.sub(" ", clause)) is not None


def shortened(words: str) -> str:
    """*words*, cut at the end of a word where they are long, and said to be so."""
    words = words.strip()
    if len(words) <= _LENGTH_MAX:
        return words
    kept = words[:_LENGTH_MAX]
    if words[_LENGTH_MAX].isascii() and words[_LENGTH_MAX].isalnum() and " " in kept:
        kept = kept[: kept.rindex(" ")]
    return kept.rstrip(" ,，、") + "…"
