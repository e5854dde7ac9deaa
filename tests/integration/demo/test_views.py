"""The demo phone: not there outside a demo, for signed-in people inside, and honest about what it did."""

import pytest
from django.test import Client
from tests.integration.demo.conftest import closed_port
from tests.integration.events import gateways

from huifang.demo import views
from huifang.demo.models import Phone, Received
from huifang.demo.people import Persona
from huifang.demo.phones import deliver
from huifang.demo.providers import Arrival, Callback
from huifang.events import services as events
from huifang.events.models import Event
from huifang.kernel import clock

pytestmark = pytest.mark.django_db
BODY = "Tell us <now>: https://wallet.example/s/AAAA-1 Reply STOP to hear no more."


def arrive(person: Persona, channel: str = "sms", **more: str) -> Received:
    address = {"sms": person.phone, "email": person.email, "in_app": person.external_id}[channel]
    arrival = Arrival(key=f"{channel}-1", channel=channel, address=address, subject="", body=BODY, **more)
    assert deliver(arrival, lambda *_: None)
    return Received.objects.get(key=arrival.key)


def test_outside_a_demo_there_is_no_phone(visitor: Client, registered: list[Persona]) -> None:
    for path in ("/demo/", f"/demo/{registered[0].external_id}/"):
        assert visitor.get(path).status_code == 404
    for act in ("hold", "act", "refuse", "reply"):
        assert visitor.post(f"/demo/{registered[0].external_id}/{act}/").status_code == 404


def test_its_views_refuse_outside_a_demo_even_where_they_are_served(
    demo: object, settings: object, visitor: Client, registered: list[Persona]
) -> None:
    settings.IS_DEMO = False  # type: ignore[attr-defined]
    assert visitor.get("/demo/").status_code == 404
    assert visitor.post(f"/demo/{registered[0].external_id}/act/").status_code == 404


def test_a_stranger_is_asked_to_sign_in(demo: object, client: Client, registered: list[Persona]) -> None:
    assert client.get("/demo/").url.startswith("/accounts/login/")  # type: ignore[attr-defined]
    assert client.post(f"/demo/{registered[0].external_id}/hold/", {"held": "yes"}).status_code == 302
    assert not Phone.objects.filter(is_held=True).exists()


def test_phones_are_found_by_name_and_id_those_with_news_first(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    assert "about to register" not in visitor.get("/demo/").content.decode()
    arrive(registered[4])
    listed = visitor.get("/demo/").content.decode()
    assert listed.index(registered[4].external_id) < listed.index(registered[0].external_id)
    found = visitor.get("/demo/", {"q": registered[1].external_id[-5:]}).content.decode()
    assert registered[1].external_id in found
    assert registered[0].external_id not in found
    assert "Nobody has that name" in visitor.get("/demo/", {"q": "<x>"}).content.decode()


def test_before_anybody_registers_the_page_says_so(demo: object, visitor: Client) -> None:
    assert "about to register" in visitor.get("/demo/").content.decode()
    assert visitor.get("/demo/W-0/").status_code == 404


def test_answers_to_tap_are_buttons_and_a_link_with_them_leads_to_none(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    tracked, plain = "https://wallet.example/l/AAAA-1", "https://wallet.example/s/AAAA-1?a=recommend:10"
    body = f"Tap one:\n0 Never: {tracked}/0\n10 Surely: {plain}\nor open {tracked}"
    arrival = Arrival(
        key="email-2", channel="email", address=registered[0].email, subject="", body=body, leave_link=""
    )
    assert arrival.link == tracked
    assert deliver(arrival, lambda *_: None)
    shown = visitor.get(f"/demo/{registered[0].external_id}/").content.decode()
    assert f'href="{tracked}/0" target="_blank" rel="noopener">0 Never</a>' in shown
    assert f'href="{plain}" target="_blank" rel="noopener">10 Surely</a>' in shown
    assert f">{tracked}/0<" not in shown
    assert f'href="{tracked}" target="_blank" rel="noopener">Answer</a>' in shown


def test_a_phone_shows_its_messages_escaped_with_a_link_and_a_way_out(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    received = arrive(registered[0])
    shown = visitor.get(f"/demo/{registered[0].external_id}/").content.decode()
    assert "Tell us &lt;now&gt;:" in shown
    assert shown.count('href="https://wallet.example/s/AAAA-1"') == 2
    assert f'name="message" value="{received.pk}"' in shown
    part = visitor.get(f"/demo/{registered[0].external_id}/", {"part": "messages"}).content.decode()
    assert "Tell us" in part
    assert "<html" not in part


def test_a_phone_is_taken_and_given_back(demo: object, visitor: Client, registered: list[Persona]) -> None:
    path = f"/demo/{registered[0].external_id}/hold/"
    visitor.post(path, {"held": "yes"})
    assert Phone.objects.get(is_held=True).external_id == registered[0].external_id
    arrive(registered[0])
    assert Received.objects.get().act_at is None
    visitor.post(path, {"held": "no"})
    assert not Phone.objects.filter(is_held=True).exists()


def test_an_act_says_so_where_the_gateway_is_away(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    answer = visitor.post(f"/demo/{registered[0].external_id}/act/", {"act": "pay"}, follow=True)
    assert "cannot be reached" in answer.content.decode()
    assert not Phone.objects.filter(is_held=True).exists()


def test_a_refusal_needs_a_message_of_this_phone(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    received = arrive(registered[0])
    path = f"/demo/{registered[1].external_id}/refuse/"
    assert visitor.post(path, {"message": received.pk}).status_code == 404


def test_an_unsubscribe_by_hand_says_so_where_nobody_answers(
    demo: object, visitor: Client, registered: list[Persona]
) -> None:
    away = f"http://127.0.0.1:{closed_port()}/p/x/unsubscribe"
    received = arrive(registered[0], "email", leave_link=away)
    path = f"/demo/{registered[0].external_id}/refuse/"
    answer = visitor.post(path, {"message": received.pk}, follow=True)
    assert "cannot be reached" in answer.content.decode()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_an_act_goes_through_the_gateway_and_the_phone_stays_in_the_hand(
    demo: object,
    live_server: object,
    settings: object,
    monkeypatch: pytest.MonkeyPatch,
    visitor: Client,
    registered: list[Persona],
) -> None:
    settings.PUBLIC_URL = live_server.url  # type: ignore[attr-defined]
    key = events.create_write_key(name="wallet", now=clock.now())
    (demo / "keys.json").write_text(f'{{"write_key": "{key}", "api_key": "none"}}')  # type: ignore[operator]
    with gateways.running() as gateway:
        monkeypatch.setenv("HUIFANG_GATEWAY_URL", gateway.url)
        answer = visitor.post(f"/demo/{registered[0].external_id}/act/", {"act": "pay"}, follow=True)
    assert "Huifang has the event" in answer.content.decode()
    stored = Event.objects.get()
    assert (stored.name, stored.external_id) == ("Payment Completed", registered[0].external_id)
    assert Phone.objects.get(is_held=True).external_id == registered[0].external_id


def test_a_reply_by_sms_goes_to_the_provider_s_callback_in_its_own_words(
    demo: object, visitor: Client, registered: list[Persona], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"/demo/{registered[0].external_id}/"
    assert f"{path}reply/" not in visitor.get(path).content.decode()
    arrive(registered[0])
    assert f"{path}reply/" in visitor.get(path).content.decode()
    told: list[dict[str, str]] = []
    monkeypatch.setattr(views, "sms_callback", lambda _: Callback(url="", secret=""))
    monkeypatch.setattr(Callback, "reply", lambda _, **said: told.append(said))
    for text in (" 5 good ", "5", "  "):
        visitor.post(f"{path}reply/", {"text": text})
    assert [each["text"] for each in told] == ["5 good", "5"]
    assert {each["number"] for each in told} == {registered[0].phone}
    assert len({each["key"] for each in told}) == 2
    assert Phone.objects.get(external_id=registered[0].external_id).is_held
