"""Makes texts with findings for the tests of the screens: read by rules and by hand, without any model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.test import Client

from huifang.console.models import Person
from huifang.kernel import clock
from huifang.textanalysis import stored
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.models import Finding, TextState
from huifang.textanalysis.records import Text


def signed_in(role: str, language: str = "en") -> Client:
    """A client of somebody of *role*."""
    who = {"email": f"{role}@example.com", "name": "Zhou Min", "role": role}
    person = Person.objects.create(**who, date_joined=clock.now())
    client = Client(headers={"accept-language": language})
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


def say(text: str, *, at: datetime | None = None, topics: Sequence[str] = (), **more: Any) -> Finding:
    """A text that was read: by rules, and about *topics* whose words are those of the text."""
    now = at or clock.now()
    found = RuleEngine().analyse([Text(key="1", text=text)])[0]
    row = Finding(
        source="answer", key=str(Finding.objects.count() + 1), digest="", at=now, taken_at=now, found_at=now
    )
    row.state = TextState.DONE
    stored.write(row, found, {})
    row.said["topics"] = [{"code": code, "confidence": 0.8, "words": text.split()[:1]} for code in topics]
    row.said |= {name: more.pop(name) for name in ("sentiment", "intent", "urgency") if name in more}
    stored.apply(row, {})
    for name, value in more.items():
        setattr(row, name, value)
    row.save()
    return row
