"""How one simulated customer deals with a message: ignores it, answers on the public page, or says no."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urljoin

import httpx

from huifang.demo import markup, words
from huifang.demo.parameters import Parameters
from huifang.demo.people import Persona

_STEPS_MAX = 25
_LOCKED_OUT = -0.6
_CHANNEL_FACTOR = {"in_app": 1.0, "sms": 0.8, "email": 0.55}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """What this customer will do with a message, and after how long."""

    act: str
    after: timedelta


def intend(person: Persona, *, key: str, channel: str, parameters: Parameters) -> Intent:
    """Decide once a message: ``answer``, ``quit``, ``never`` again, ``stop``, ``leave`` or ``ignore``."""
    rng = person.rng("intent", key)
    after = timedelta(minutes=min(2000.0, rng.lognormvariate(3.2, 1.1)))
    draw = rng.random()
    for act, share in (
        ("never", parameters.says_never_share),
        ("stop", parameters.replies_stop_share if channel == "sms" else 0.0),
        ("leave", parameters.unsubscribes_share if channel == "email" else 0.0),
        ("quit", parameters.quits_midway_share),
        ("answer", person.answers_share * _CHANNEL_FACTOR.get(channel, 0.5)),
    ):
        if draw < share:
            return Intent(act=act, after=after)
        draw -= share
    return Intent(act="ignore", after=after)


def feel(person: Persona, rng: random.Random) -> float:
    """How well it went this time for *person*, from -1 to 1: score and words follow from it alike."""
    return max(-1.0, min(1.0, rng.gauss(person.mood, 0.35)))


def fill(
    form: markup.Form,
    person: Persona,
    rng: random.Random,
    satisfaction: float,
    *,
    sentences: Sequence[str] = (),
) -> dict[str, str | list[str]]:
    """The fields that *person* sends with *form*: one pressed button, ticked boxes, typed words.

    *sentences*: what they may write, where it is not what anybody of that satisfaction may.
    """
    data: dict[str, str | list[str]] = dict(form.hidden)
    known = sentences or words.said(person.home.language, satisfaction)
    for name in form.texts:
        data[name] = rng.choice(known) if rng.random() < 0.7 else ""
    ticked: dict[str, list[str]] = {}
    for name, value in form.boxes:
        if rng.random() < 0.4:
            ticked.setdefault(name, []).append(value)
    if form.boxes and not ticked:
        ticked = {form.boxes[0][0]: [form.boxes[0][1]]}
    data.update(ticked)
    answers = [(name, value) for name, value in form.buttons if name not in {"skip", "back"}]
    numbered = sorted((pair for pair in answers if pair[1].isdigit()), key=lambda pair: int(pair[1]))
    if len(numbered) > 1:
        place = round((satisfaction + 1) / 2 * (len(numbered) - 1))
        name, value = numbered[place]
        data[name] = value
    elif answers:
        name, value = rng.choice(answers)
        data[name] = value
    return data


def answer(
    client: httpx.Client,
    person: Persona,
    *,
    link: str,
    questions_max: int = _STEPS_MAX,
    locked_out_share: float = 0.0,
) -> int:
    """Open *link* and answer question after question; returns how many forms were sent.

    *locked_out_share*: how many of all customers a release locked out; they write of nothing else.
    """
    rng = person.rng("answer", link)
    satisfaction, sentences = feel(person, rng), tuple[str, ...]()
    if person.rng("locked out", link).random() < locked_out_share:
        satisfaction, sentences = min(satisfaction, _LOCKED_OUT), words.said_of_release(person.home.language)
    reply = client.get(link)
    sent = 0
    while sent < questions_max and reply.status_code == 200:
        forms = [form for form in markup.read(reply.text).forms if form.buttons or form.texts or form.boxes]
        if not forms:
            break
        target = urljoin(str(reply.url), forms[0].action or "")
        reply = client.post(target, data=fill(forms[0], person, rng, satisfaction, sentences=sentences))
        sent += 1
        if reply.status_code in {302, 303}:
            reply = client.get(urljoin(target, reply.headers["Location"]))
    return sent


def leave(client: httpx.Client, *, link: str) -> bool:
    """Refuse by one click, as mail programs do (RFC 8058); whether it was taken."""
    return client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code < 400


def say_never(client: httpx.Client, *, link: str) -> bool:
    """Open *link*, follow "never ask me again" and confirm it; whether the page let us."""
    opened = client.get(link)
    page = markup.read(opened.text)
    never = page.links.get("never")
    if not never:
        return False
    confirm = client.get(urljoin(str(opened.url), never))
    forms = markup.read(confirm.text).forms
    if not forms:
        return False
    form = forms[0]
    data = {**form.hidden, **dict(form.buttons[:1])}
    return client.post(urljoin(str(confirm.url), form.action or ""), data=data).status_code < 400
