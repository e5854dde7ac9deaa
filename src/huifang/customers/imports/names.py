"""What the screens of imports call kinds of file, their fields and settings, and what came of one."""

import json
from collections.abc import Mapping

from django.utils.translation import gettext, gettext_lazy, ngettext, pgettext_lazy

from huifang.kernel.row_reasons import meaning_of

_KINDS = {
    "customers": gettext_lazy("customers"),
    "events": gettext_lazy("events of the past"),
    "feedback": gettext_lazy("answers of the past"),
}
_CUSTOMER = pgettext_lazy("field of a file", "customer's id")
_FIELDS = {
    "externalId": _CUSTOMER,
    "userId": _CUSTOMER,
    "customer": _CUSTOMER,
    "walletKind": pgettext_lazy("field of a file", "kind of wallet"),
    "phone": pgettext_lazy("field of a file", "phone number"),
    "email": pgettext_lazy("field of a file", "e-mail address"),
    "name": pgettext_lazy("field of a file", "name"),
    "language": pgettext_lazy("field of a file", "language"),
    "timezone": pgettext_lazy("field of a file", "time zone"),
    "country": pgettext_lazy("field of a file", "country"),
    "region": pgettext_lazy("field of a file", "region"),
    "deviceToken": pgettext_lazy("field of a file", "device for push"),
    "openId": pgettext_lazy("field of a file", "id in a messenger"),
    "registeredAt": pgettext_lazy("field of a file", "registered at"),
    "updated_at": pgettext_lazy("field of a file", "when the row was true"),
    "birthday": pgettext_lazy("field of a file", "birthday"),
    "consent_service_follow_up": pgettext_lazy("field of a file", "consent to follow-up"),
    "consent_marketing": pgettext_lazy("field of a file", "consent to marketing"),
    "consent_call_recording": pgettext_lazy("field of a file", "consent to recording calls"),
    "consent_at": pgettext_lazy("field of a file", "when they consented"),
    "consent_wording": pgettext_lazy("field of a file", "what they consented to"),
    "anonymousId": pgettext_lazy("field of a file", "id before signing in"),
    "event": pgettext_lazy("field of a file", "event"),
    "timestamp": pgettext_lazy("field of a file", "time"),
    "at": pgettext_lazy("field of a file", "time"),
    "messageId": pgettext_lazy("field of a file", "the event's own id"),
    "score": pgettext_lazy("field of a file", "score"),
    "text": pgettext_lazy("field of a file", "what they said"),
    "version": pgettext_lazy("field of a file", "version of the app"),
    "channel": pgettext_lazy("field of a file", "channel"),
    "responseId": pgettext_lazy("field of a file", "the answer's own id"),
}
_ORDER = ("read", "new", "changed", "known", "nameless", "outdated", "refused")
_CHOICES = {
    "csat": gettext_lazy("satisfaction, CSAT (1 to 5)"),
    "nps": gettext_lazy("likelihood to recommend, NPS (0 to 10)"),
    "ces": gettext_lazy("ease, CES (1 to 7, 7 is easy)"),
}


# What a value is called where it made no sense, which is by the name that it would be kept under.
_FIELDS |= {"wallet_kind": _FIELDS["walletKind"], "time_zone": _FIELDS["timezone"]}
_FIELDS |= {
    "device": _FIELDS["deviceToken"],
    "im": _FIELDS["openId"],
    "registered_at": _FIELDS["registeredAt"],
}


def kind(name: str) -> str:
    """What a kind of file is called."""
    return str(_KINDS.get(name, name))


def field(name: str) -> str:
    """What a field is called; the name that files use where it has no other."""
    return str(_FIELDS.get(name, name))


def choice(value: str) -> str:
    """What one value of a setting is called."""
    return str(_CHOICES.get(value, value))


def told(counts: Mapping[str, int], *, kind: str) -> list[tuple[str, int]]:
    """What came of a file: each count with what it counts, in the order of reading."""
    places = {name: place for place, name in enumerate(_ORDER)}
    ordered = sorted(counts, key=lambda name: places.get(name.partition(":")[0], len(places)))
    return [(_counted(name, counts[name], kind), counts[name]) for name in ordered]


def reason(code: str, *, kind: str) -> str:
    """Why a row was refused, for whoever can set things on the page of the file."""
    settings = {
        "time_format": gettext("“How times are written”"),
        "encoding": gettext("“How the file is written”"),
        "event": gettext("“Event of rows that name none”"),
    }
    return meaning_of(kind, code, settings=settings)


def problem(kept: str) -> str:
    """Why the file as a whole was refused, in the reader's language."""
    if not kept.startswith("{"):
        return kept
    refusal = json.loads(kept)
    return gettext(refusal["text"]).format(**refusal["facts"])


def _counted(name: str, count: int, kind: str) -> str:
    word, _, what = name.partition(":")
    if word == "refused" and what:
        return gettext("refused: {reason}").format(reason=reason(what, kind=kind))
    if word == "left_out":
        text = ngettext(
            "value of {field} made no sense and was left out",
            "values of {field} made no sense and were left out",
            count,
        )
        return text.format(field=field(what) if what else "–")
    counted = {
        "read": ngettext("row read", "rows read", count),
        "new": gettext("new"),
        "changed": gettext("changed"),
        "known": gettext("there already"),
        "refused": gettext("refused"),
        "nameless": gettext("of no customer that is known"),
        "outdated": gettext("older than events are kept: counted for their customers, then dropped"),
    }
    return counted.get(word, name)
