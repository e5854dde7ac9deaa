"""Sets a demo wallet up and plays it: people to sign in as, keys, ready plans, providers, customers."""

import secrets
import signal
from datetime import datetime

from huifang.api import services as api_services
from huifang.console import services as console_services
from huifang.demo import reviews
from huifang.demo.account import sms_callback
from huifang.demo.environment import MAIL_PORT, SMS_PORT, Keys, Surroundings, began_at, remember_keys
from huifang.demo.parameters import Parameters
from huifang.demo.providers import serve_mail, serve_sms
from huifang.demo.wallet import Wallet
from huifang.events import services as event_services
from huifang.kernel import clock
from huifang.plans import services as plan_services
from huifang.questionnaires import services as questionnaire_services
from huifang.textanalysis import services as texts

_BY = "demo"


def prepare(*, now: datetime) -> Keys:
    """Make what a demo needs, once; returns the keys of the wallet."""
    console_services.ensure_demo_people(now=now)
    questionnaire_services.install_pack(now=now)
    plan_services.install_pack(now=now, activate=True)
    return remember_keys(_make_keys)


def _make_keys() -> Keys:
    now = clock.now()
    name = f"demo wallet {secrets.token_hex(3)}"
    write_key = event_services.create_write_key(name=name, now=now)
    api_key = api_services.create_key(name=name, role="wallet_app", by=_BY, now=now)
    return Keys(write_key=write_key, api_key=api_key)


def run(*, web_url: str, gateway_url: str, parameters: Parameters) -> int:
    """Play until SIGTERM or ctrl-C."""
    start = began_at() or clock.now()
    surroundings = Surroundings(web_url=web_url, gateway_url=gateway_url, keys=prepare(now=clock.now()))
    texts.take_texts(texts=reviews.past(start), now=clock.now())
    callback = sms_callback(web_url)
    wallet = Wallet(surroundings=surroundings, callback=callback, parameters=parameters, start=start)
    sms = serve_sms(SMS_PORT, wallet.deliver, callback.confirm)
    mail = serve_mail(MAIL_PORT, wallet.deliver)
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: wallet.stopping.set())
    try:
        wallet.run()
    finally:
        sms.shutdown()
        mail.stop()
    return 0
