"""How not to ask: patterns that lead, load or double a question, each with what to write instead. Data.

A pattern is tried on the titles of its language, without regard to capitals; what it matched is shown.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from huifang.kernel.refusals import gettext_noop


@dataclass(frozen=True, slots=True, kw_only=True)
class WordingRule:
    """One way not to ask. *text* has ``{number}`` and ``{word}``; *suggestion* says what to do instead."""

    code: str
    language: str
    pattern: re.Pattern[str]
    text: str
    suggestion: str


_LEADING = gettext_noop("Question {number} leads the answer: “{word}”.")
_LEADING_HOW = gettext_noop("Ask it so that both answers are welcome, like “How satisfied are you with …?”")
_PRAISE = gettext_noop("Question {number} praises what it asks about: “{word}”.")
_PRAISE_HOW = gettext_noop("Leave the praise out; who disagrees should not feel rude.")
_LOADED = gettext_noop("Question {number} takes something for granted: “{word}”.")
_LOADED_HOW = gettext_noop("Ask first whether it is so, and ask this only of those who say yes.")
_DOUBLE = gettext_noop("Question {number} asks two things at once: “{word}”.")
_DOUBLE_HOW = gettext_noop("Make two questions of it, or choose the one that you will act on.")
_ABSOLUTE = gettext_noop("Question {number} uses a word that few can agree to: “{word}”.")
_ABSOLUTE_HOW = gettext_noop("Ask how often, or about the last time.")
_NEGATIVE = gettext_noop("Question {number} turns round on itself: “{word}”.")
_NEGATIVE_HOW = gettext_noop("Say it without “not”, so that yes means yes.")
_BEGGING = gettext_noop("Question {number} asks for a good mark: “{word}”.")
_BEGGING_HOW = gettext_noop("A score that was begged for says nothing; leave it out.")
_JARGON = gettext_noop("Question {number} uses a word of your trade: “{word}”.")
_JARGON_HOW = gettext_noop("Use the word that customers see in the app.")


def _rules(code: str, language: str, text: str, suggestion: str, *patterns: str) -> Iterator[WordingRule]:
    for pattern in patterns:
        yield WordingRule(
            code=code,
            language=language,
            pattern=re.compile(pattern, re.IGNORECASE),
            text=text,
            suggestion=suggestion,
        )


RULES: tuple[WordingRule, ...] = (
    *_rules(
        *("leading_words", "zh-Hans", _LEADING, _LEADING_HOW),
        *(
            r"难道",
            r"您一定",
            r"想必",
            r"是不是(很|非常|特别)",
            r"是否(很|非常|特别)(满意|喜欢|方便)",
            r"您也(觉得|认为)",
        ),
    ),
    *_rules(
        *("leading_words", "en", _LEADING, _LEADING_HOW),
        *(r"\b(don't|wouldn't|isn't|aren't|didn't) you\b", r"\bisn't it\b", r"\bobviously\b", r"\bsurely\b"),
        *(r"\bhow much do you (love|like|enjoy)\b", r"\bdo you agree that\b", r"\bwould you say that\b"),
    ),
    *_rules(
        *("praise", "zh-Hans", _PRAISE, _PRAISE_HOW),
        *(r"贴心", r"优质的?", r"领先的?", r"卓越", r"极致", r"全新升级", r"便捷的"),
    ),
    *_rules(
        *("praise", "en", _PRAISE, _PRAISE_HOW),
        *(r"\b(excellent|amazing|award-winning|world-class|great|seamless|innovative|best-in-class)\b",),
    ),
    *_rules(
        *("loaded", "zh-Hans", _LOADED, _LOADED_HOW),
        *(r"为什么(您)?(喜欢|讨厌|不用|放弃)", r"您最(喜欢|讨厌)", r"(糟糕|可恶|昂贵)的", r"您(还|仍)在"),
    ),
    *_rules(
        *("loaded", "en", _LOADED, _LOADED_HOW),
        *(r"\bwhy do you (love|hate|like|dislike|avoid)\b", r"\b(terrible|awful|overpriced|frustrating)\b"),
        *(r"\bwhat do you (love|like|hate) most\b", r"\bare you still\b"),
    ),
    *_rules(
        *("double_barrelled", "zh-Hans", _DOUBLE, _DOUBLE_HOW),
        r"[\u4e00-\u9fff]{2,6}(和|与|以及|并且|及)[\u4e00-\u9fff]{2,8}(是否|是不是)?"
        r"(满意|怎么样|如何)",
    ),
    *_rules(
        *("double_barrelled", "en", _DOUBLE, _DOUBLE_HOW),
        r"\bhow (satisfied|happy|easy|clear|fast|helpful|likely)\b[^?]*\b\w+ and (the |our |its )?\w+",
        r"\b(was|were|is|are) (the |our )?\w+ (and|as well as) (the |our )?\w+ (fast|helpful|good)\b",
    ),
    *_rules("absolute", "zh-Hans", _ABSOLUTE, _ABSOLUTE_HOW, r"总是", r"从来?不", r"每一?次都", r"所有人"),
    *_rules("absolute", "en", _ABSOLUTE, _ABSOLUTE_HOW, r"\b(always|never|every time|everybody|everyone)\b"),
    *_rules(
        "double_negative", "zh-Hans", _NEGATIVE, _NEGATIVE_HOW, r"不[^，。？]{0,6}不", r"没有[^，。？]{0,4}不"
    ),
    *_rules(
        *("double_negative", "en", _NEGATIVE, _NEGATIVE_HOW),
        r"\b(not|n't|no)\b[^?.]{0,30}\b(un(easy|clear|happy|satisfied|likely|able)|not|dis(satisfied|agree))\b",
    ),
    *_rules(
        *("begging", "zh-Hans", _BEGGING, _BEGGING_HOW),
        *(r"给个?好评", r"五星好评", r"打(满|高)分", r"支持一下"),
    ),
    *_rules("begging", "en", _BEGGING, _BEGGING_HOW, r"\b(five stars|5 stars|top marks|a good rating)\b"),
    *_rules(
        "jargon", "zh-Hans", _JARGON, _JARGON_HOW, r"触达", r"漏斗", r"转化率?", r"SLA", r"KYC", r"风控策略"
    ),
    *_rules("jargon", "en", _JARGON, _JARGON_HOW, r"\b(KYC|SLA|onboarding|touchpoint|end-user)\b"),
)


def found_in(text: str, language: str) -> Iterator[tuple[WordingRule, str]]:
    """Each rule of *language* that *text* breaks, once a code, with what it matched."""
    seen: set[str] = set()
    for rule in RULES:
        match = rule.pattern.search(text) if rule.language == language and rule.code not in seen else None
        if match:
            seen.add(rule.code)
            yield rule, match[0]
