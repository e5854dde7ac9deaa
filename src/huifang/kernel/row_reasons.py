"""What each reason to refuse a row of a file means, for the person who imports it.

``{time_format}``, ``{encoding}`` and ``{event}`` stand for what the reader can set, as the terminal or the
console calls it.
"""

from collections.abc import Mapping

from django.utils.translation import gettext

from huifang.kernel.refusals import gettext_noop

_BAD_TIME = gettext_noop("a time that cannot be read; say how it is written: {time_format}")
_IN_THE_FUTURE = gettext_noop("it happens more than an hour from now")
_NO_TIME = gettext_noop("no time is given")

OF_ANY_FILE: Mapping[str, str] = {
    "broken_csv": gettext_noop("its quotes or columns cannot be made out"),
    "broken_parquet": gettext_noop("these rows of the Parquet file are damaged; export it again"),
    "cut_off": gettext_noop("the file ends in the middle of it; is the file whole?"),
    "line_too_long": gettext_noop("over a million characters in one line"),
    "not_an_object": gettext_noop("JSON, but no object"),
    "not_json": gettext_noop("no JSON"),
    "wrong_column_count": gettext_noop("it has more or fewer columns than the header"),
    "wrong_encoding": gettext_noop("some bytes are no text in the file's encoding; name it: {encoding}"),
}
OF_KIND: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "missing_id": gettext_noop("no id of a customer"),
        "unusable_id": gettext_noop(
            "the customer's id is over 255 characters, or has control characters in it"
        ),
    },
    "events": {
        "bad_message_id": gettext_noop("the messageId is over 255 characters"),
        "bad_name": gettext_noop("the event's name is over 200 characters"),
        "bad_properties": gettext_noop("the properties are no object, or nested too deep"),
        "bad_timestamp": _BAD_TIME,
        "bad_user": gettext_noop("the userId is over 255 characters"),
        "in_the_future": _IN_THE_FUTURE,
        "missing_name": gettext_noop("no name of an event; name one: {event}"),
        "missing_timestamp": _NO_TIME,
        "missing_user": gettext_noop("no userId"),
        "not_as_declared": gettext_noop("not as this event was declared; see the catalogue of events"),
        "not_storable": gettext_noop("the database refused it"),
        "null_byte": gettext_noop("an id or a name has a NUL character in it"),
        "too_large": gettext_noop("longer than 32 kB"),
    },
    "feedback": {
        "bad_score": gettext_noop("the score is no whole number"),
        "bad_text": gettext_noop("the text is none"),
        "bad_time": _BAD_TIME,
        "in_the_future": gettext_noop("it was given more than an hour from now"),
        "missing_time": _NO_TIME,
        "nothing_said": gettext_noop("neither score nor text"),
        "score_off_scale": gettext_noop(
            "the score is not on the scale (CSAT 1 to 5, NPS 0 to 10, CES 1 to 7)"
        ),
        "text_too_long": gettext_noop("the text is over 20,000 characters"),
    },
}


def meaning_of(kind: str, code: str, *, settings: Mapping[str, str]) -> str:
    """What *code* means for a row of *kind*, in the reader's language; the code itself where none is known.

    *settings* names what can be set: ``time_format``, ``encoding`` and ``event``.
    """
    meanings = {**OF_ANY_FILE, **OF_KIND.get(kind, {})}
    return gettext(meanings[code]).format(**settings) if code in meanings else code
