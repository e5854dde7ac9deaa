"""What to look at again in a message template, in which language, and where. Pure; refuses nothing."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from huifang.delivery.errors import PlaceholderBrokenError, VariableMissingError
from huifang.delivery.rules.segments import measure
from huifang.delivery.rules.wording import PLACEHOLDERS, fill, placeholders
from huifang.kernel.refusals import gettext_noop

# What stands for each placeholder in a preview.
SAMPLES: Mapping[str, str] = {
    "link": "https://wallet.example/l/AAAAAAAAACr3kq0aS1yQm2Zt7vXbP4dE",
    "wallet_name": "Spruce Wallet",
    "plan_name": "First payment",
    "preference_link": "https://wallet.example/p/AAAAAAAAACr3kq0aS1yQm2Zt7vXbP4dE",
    "amount": "128.00",
    "currency": "CNY",
    "merchant": "Old Town Noodles",
    "scale": "1 / 2 / 3 / 4 / 5",
    "seconds": "40",
}
WARNINGS: Mapping[str, str] = {
    "unknown_placeholder": gettext_noop("{detail} is not known, so that nothing could be sent"),
    "broken": gettext_noop("A brace opens or closes nothing, near “{detail}”"),
    "no_fallback": gettext_noop("The text of the fallback language is missing"),
    "no_identity": gettext_noop("It does not say who writes: use {detail}"),
    "no_refusal": gettext_noop("It offers no way to say no: use {detail}, or say what to reply"),
    "no_link": gettext_noop("It asks for no answer: use {detail}"),
    "too_long": gettext_noop("It is too long: {detail}"),
    "costly_letters": gettext_noop("{detail} makes each part hold 70 letters instead of 160"),
    "shortener": gettext_noop("{detail} is a link shortener; carriers and mail programs block those"),
    "spam_words": gettext_noop("“{detail}” reads like an advertisement; filters look for it"),
}
_SMS_PARTS_MAX, _PUSH_LETTERS_MAX, _SUBJECT_LETTERS_MAX, _IM_BYTES_MAX = 3, 178, 70, 2048
_SHORTENERS = re.compile(
    r"\b(?:bit\.ly|t\.cn|tinyurl\.com|dwz\.cn|url\.cn|suo\.im|goo\.gl|t\.co|is\.gd|ow\.ly|rebrand\.ly|cutt\.ly)\b",
    re.IGNORECASE,
)
_SPAM = re.compile(
    r"免费|中奖|恭喜您|点击领取|立即抢|稳赚|返现|最后机会|\bfree\b|\bwinner\b|\bcongratulations\b"
    r"|\bclick here\b|\bact now\b|\b100\s?%|\burgent\b|\bcash prize\b|!!+|！！+",
    re.IGNORECASE,
)
_REFUSAL = re.compile(r"退订|回复?\s*(?:TD|T|R)\b|拒收|\bSTOP\b|\bunsubscribe\b|\bopt out\b", re.IGNORECASE)
_ASKING = frozenset({"link", "scale"})
_HAS_SUBJECT = frozenset({"email", "push", "in_app", "webhook"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Concern:
    """One thing to look at: *code* of `WARNINGS`, the *language*, and *where* ("subject" or "body")."""

    code: str
    language: str
    where: str
    detail: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """A template as a customer would read it; *units*, *encoding* and *parts* as an SMS has them."""

    language: str
    subject: str
    body: str
    encoding: str
    units: int
    parts: int


def check(
    channel: str, subject: Mapping[str, str], body: Mapping[str, str], *, fallback_language: str
) -> list[Concern]:
    """Everything to look at, the subject before the body, language by language."""
    found: list[Concern] = []
    if not body.get(fallback_language, "").strip():
        found.append(Concern(code="no_fallback", language=fallback_language, where="body"))
    for language in sorted({*subject, *body}):
        texts = {"subject": subject.get(language, ""), "body": body.get(language, "")}
        for where, text in texts.items():
            if text.strip():
                found += (
                    Concern(code=code, language=language, where=where, detail=detail)
                    for code, detail in _look(channel, where, text)
                )
    return found


def _look(channel: str, where: str, text: str) -> Iterator[tuple[str, str]]:
    try:
        used = placeholders(text)
    except PlaceholderBrokenError as error:
        yield "broken", str(error.facts.get("near", ""))
        return
    for name in sorted(used - set(PLACEHOLDERS)):
        yield "unknown_placeholder", f"{{{name}}}"
    if where == "body":
        yield from _body(channel, text, used)
    elif len(text) > _SUBJECT_LETTERS_MAX:
        yield "too_long", f"{len(text)} > {_SUBJECT_LETTERS_MAX}"
    for found in _SHORTENERS.finditer(text):
        yield "shortener", found.group()
    for word in sorted({found.group().lower() for found in _SPAM.finditer(text)}):
        yield "spam_words", word


def _body(channel: str, text: str, used: frozenset[str]) -> Iterator[tuple[str, str]]:
    if channel == "sms" and "wallet_name" not in used:
        yield "no_identity", "{wallet_name}"
    if channel == "sms" and "preference_link" not in used and not _REFUSAL.search(text):
        yield "no_refusal", "{preference_link}"
    if not used & _ASKING:
        yield "no_link", "{link}"
    shown = filled(text)
    yield from _length(channel, shown)


def _length(channel: str, shown: str) -> Iterator[tuple[str, str]]:
    size = measure(shown)
    if channel == "sms" and size.parts > _SMS_PARTS_MAX:
        yield "too_long", f"{size.parts} > {_SMS_PARTS_MAX}"
    if channel == "push" and len(shown) > _PUSH_LETTERS_MAX:
        yield "too_long", f"{len(shown)} > {_PUSH_LETTERS_MAX}"
    if channel == "im" and len(shown.encode()) > _IM_BYTES_MAX:
        yield "too_long", f"{len(shown.encode())} > {_IM_BYTES_MAX}"
    if channel == "sms" and size.encoding == "ucs-2":
        costly = [letter for letter in dict.fromkeys(shown) if measure(letter).encoding == "ucs-2"]
        if len(costly) <= 3:  # a text that is otherwise Latin, not one that is Chinese
            yield "costly_letters", " ".join(costly)


def filled(text: str, more: Mapping[str, str] | None = None) -> str:
    """*text* with samples, and placeholders that are not known as they stand."""
    try:
        used = placeholders(text)
        unknown = {name: f"{{{name}}}" for name in used - set(SAMPLES)}
        return fill(text, {**SAMPLES, **unknown, **(more or {})})
    except (PlaceholderBrokenError, VariableMissingError):
        return text


def previews(
    channel: str, subject: Mapping[str, str], body: Mapping[str, str], more: Mapping[str, str]
) -> list[Preview]:
    """The template in each language that it has a body in."""
    found = []
    for language, text in body.items():
        if text.strip():
            shown = filled(text, more)
            size = measure(shown)
            title = filled(subject.get(language, ""), more) if channel in _HAS_SUBJECT else ""
            found.append(
                Preview(
                    language=language,
                    subject=title,
                    body=shown,
                    encoding=size.encoding,
                    units=size.units,
                    parts=size.parts if channel == "sms" else 1,
                )
            )
    return found
