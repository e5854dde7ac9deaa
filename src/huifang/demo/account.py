"""Where the demo's SMS provider tells what arrived and what was replied."""

import os

from huifang.delivery import queries, services
from huifang.demo.providers import Callback
from huifang.kernel import clock


def sms_callback(web_url: str) -> Callback:
    """The hook of the account that the environment set, and the secret of both sides."""
    services.follow_environment(now=clock.now())
    accounts = queries.channel_accounts()
    sms = next(each for each in accounts if each.channel == "sms" and each.origin == "environment")
    return Callback(url=f"{web_url}/hooks/sms/{sms.id}", secret=os.environ["HUIFANG_SMS_SECRET"])
