"""The demo wallet: customers act, the gateway hears it, messages arrive, some customers answer.

Talks to Huifang as a real wallet does, over HTTP and SMTP only. The same program makes load: more
people, more acts a day.
"""

import heapq
import logging
import threading
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import httpx
from django.db import DatabaseError, InterfaceError, connection

from huifang.demo import behaviour, customer, environment, phones
from huifang.demo.client import WalletClient
from huifang.demo.customer import Intent
from huifang.demo.environment import Surroundings
from huifang.demo.models import Phone, Progress, Received
from huifang.demo.parameters import Parameters, released
from huifang.demo.people import Persona, make_person
from huifang.demo.providers import Arrival, Callback
from huifang.demo.reviews import Stores
from huifang.kernel import clock

_log = logging.getLogger(__name__)
_HOUR = timedelta(hours=1)
_FELT_AFTER = timedelta(days=3)
_TRY_AGAIN_AFTER = timedelta(hours=1)
_BATCH = 100
_FETCHES_A_ROUND = 20
_ACTS_A_ROUND = 20
# So many open apps wait for their messages; in the rush of the first minute some go without.
_OPENED_MAX = 400
_QUESTIONS_MAX = 25
_PAUSE_SECONDS = 0.25
_RETRY_SECONDS = 1.0


@dataclass(slots=True)
class Outbound:
    """Messages made but not yet acknowledged, by time. An hour is made once it has begun."""

    people: list[Persona]
    parameters: Parameters
    made_until: datetime
    waiting: list[tuple[str, str, behaviour.Message]] = field(default_factory=list)

    def make(self, now: datetime) -> None:
        """Make every hour that has begun by *now*."""
        for hour in behaviour.hours_between(self.made_until, now):
            for person in self.people:
                if person.joined_at >= hour + _HOUR:
                    break  # people join in the order of their numbers
                for message in behaviour.messages_of(person, hour, parameters=self.parameters):
                    key = (str(message["timestamp"]), str(message["messageId"]))
                    heapq.heappush(self.waiting, (*key, message))
            self.made_until = hour + _HOUR

    def due(self, now: datetime, limit: int) -> list[behaviour.Message]:
        """The oldest messages whose time has come, at most *limit*; they stay until `drop`."""
        return [item[2] for item in heapq.nsmallest(limit, self.waiting) if _time_of(item) <= now]

    def drop(self, count: int) -> datetime:
        """Forget the *count* oldest messages, which are stored now; returns the time of the last."""
        return max(_time_of(heapq.heappop(self.waiting)) for _ in range(count))


def _time_of(item: tuple[str, str, behaviour.Message]) -> datetime:
    return datetime.fromisoformat(item[0])


class Wallet:
    """The running demo wallet. `run` works until *stopping* is set."""

    def __init__(
        self, *, surroundings: Surroundings, callback: Callback, parameters: Parameters, start: datetime
    ) -> None:
        self._callback = callback
        self.stopping = threading.Event()
        parameters = self._parameters = released(parameters, start=start)
        self._stores = Stores(parameters=parameters, start=start)
        numbers = range(parameters.people)
        people = [make_person(number, parameters=parameters, start=start) for number in numbers]
        self._by_id = {person.external_id: person for person in people}
        progress = Progress.objects.first()
        since = progress.sent_until if progress else start
        since = since.replace(minute=0, second=0, microsecond=0)
        self._outbound = Outbound(people=people, parameters=parameters, made_until=since)
        self._client = WalletClient(surroundings)
        self._browser = httpx.Client(timeout=10, trust_env=False, follow_redirects=True)
        self._opened: deque[str] = deque(maxlen=_OPENED_MAX)

    def run(self) -> None:
        """Send here, fetch and answer in threads of their own, until stopped."""
        others = [
            threading.Thread(target=self._repeat, args=(act,), daemon=True)
            for act in (self.fetch_opened, self.act_due, self._stores.bring)
        ]
        for each in others:
            each.start()
        self._repeat(self.send_due)
        for each in others:
            each.join(5)

    def deliver(self, arrival: Arrival) -> bool:
        """Put *arrival* on the phone it is for; False where nobody has that address."""
        return phones.deliver(arrival, self._intend)

    def _intend(self, phone: Phone, arrival: Arrival) -> Intent | None:
        person = self._by_id.get(phone.external_id)
        if person is None:
            return None
        key, channel = arrival.key, arrival.channel
        intent = customer.intend(person, key=key, channel=channel, parameters=self._parameters)
        return None if intent.act == "ignore" else intent

    def _repeat(self, act: Callable[[], int]) -> None:
        """Do *act* again and again, also after a broken connection; a fault of ours ends the program."""
        try:
            while not self.stopping.is_set():
                try:
                    done = act()
                except (httpx.HTTPError, OSError, DatabaseError, InterfaceError) as error:
                    _log.info("huifang cannot be reached: %s", type(error).__name__)
                    connection.close()
                    self.stopping.wait(_RETRY_SECONDS)
                else:
                    self.stopping.wait(0.0 if done else _PAUSE_SECONDS)
        finally:
            self.stopping.set()
            connection.close()

    def send_due(self) -> int:
        """Make what has begun and send the oldest of it; what the gateway does not take stays."""
        environment.mark_alive()
        now = clock.now()
        self._outbound.make(now)
        messages = self._outbound.due(now, _BATCH)
        if messages:
            phones.register(
                [self._by_id[str(each["userId"])] for each in messages if each["type"] == "identify"]
            )
            self._client.send(messages)
            until = self._outbound.drop(len(messages))
            Progress.objects.update_or_create(pk=1, defaults={"sent_until": until})
            self._opened.extend(str(each["userId"]) for each in messages if each.get("event") == "App Opened")
        return len(messages)

    def fetch_opened(self) -> int:
        """The app of whoever opened it asks for its messages."""
        asking = {self._opened.popleft() for _ in range(min(_FETCHES_A_ROUND, len(self._opened)))}
        for external_id in asking:
            for arrival in self._client.inbox(external_id):
                self.deliver(arrival)
        return len(asking)

    def act_due(self) -> int:
        """Do what customers meant to do by now. A deed that fails or is cut short is done again."""
        waiting = Received.objects.select_related("phone").filter(phone__is_held=False)
        due = list(waiting.filter(act_at__lte=clock.now()).order_by("act_at")[:_ACTS_A_ROUND])
        for each in due:
            again_at = None
            try:
                self._act(each)
            except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                _log.info("%s of message %s failed: %s", each.act, each.pk, type(error).__name__)
                again_at = clock.now() + _TRY_AGAIN_AFTER
            Received.objects.filter(pk=each.pk).update(act_at=again_at)
        return len(due)

    def _act(self, received: Received) -> None:
        person = self._by_id.get(received.phone.external_id)
        if person is None:
            return
        if received.act == "never":
            customer.say_never(self._browser, link=received.link)
        elif received.act == "leave":
            customer.leave(self._browser, link=received.leave_link)
        elif received.act == "stop":
            word = "STOP" if person.home.language == "en" else "退订"
            self._callback.reply(number=person.phone, text=word, key=received.key)
        else:
            questions = 1 if received.act == "quit" else _QUESTIONS_MAX
            customer.answer(
                self._browser,
                person,
                link=received.link,
                questions_max=questions,
                locked_out_share=self._locked_out_share(),
            )

    def _locked_out_share(self) -> float:
        """The share of customers whom the release locks out; none before it came out."""
        released_at = self._parameters.released_at
        # Who answers so soon answers about something before the release.
        is_felt = released_at is not None and clock.now() >= released_at + _FELT_AFTER
        return self._parameters.locked_out_share if is_felt else 0.0
