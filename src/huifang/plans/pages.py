"""The customer's page of what an answer earned. No session, cookie or script; opening it changes nothing."""

from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override
from django.views.decorators.http import require_safe

from huifang.customers import queries as customers
from huifang.kernel import clock
from huifang.kernel.texts import LANGUAGES, pick, product_language
from huifang.kernel.wallet import wallet_name
from huifang.plans import reward_book
from huifang.plans.errors import UnknownRewardError
from huifang.plans.records import RewardRecord

_LANGUAGE_NAMES = {"zh-Hans": "中文", "en": "English"}
_CODES = {"zh-Hans": "zh-hans", "en": "en"}


@require_safe
def reward(request: HttpRequest, token: str) -> HttpResponse:
    """The coupon, the points, or why there is none; before the answer is whole, what it will earn."""
    try:
        page = reward_book.page(token=token)
    except UnknownRewardError as error:
        raise Http404 from error
    language = _language(request, page)
    found = page.reward
    state = _state(found)
    context = {
        "page_language": language,
        "html_language": language,
        "wallet_name": wallet_name(language),
        "state": state,
        "reward": found,
        "name": pick(found.name, language, page.definition.fallback_language) if found else "",
        "terms": pick(page.incentive.terms, language, page.definition.fallback_language),
        "preferences": customers.preference_path(customer_id=page.customer_id),
        "languages": [(each, _LANGUAGE_NAMES[each]) for each in LANGUAGES if each != language],
    }
    with override(_CODES[language]):
        reply = HttpResponse(render_to_string("reward/reward.html", context))
    reply["Content-Language"] = language
    reply["Cache-Control"] = "no-store"
    reply["X-Robots-Tag"] = "noindex, nofollow"
    reply["Referrer-Policy"] = "no-referrer"
    return reply


def _state(found: RewardRecord | None) -> str:
    """Which of the page's faces is shown."""
    if found is None:
        return "coming"
    if found.state != "issued":
        return found.reason if found.state == "withheld" else "void"
    if found.kind == "nothing":
        return "blank"
    return "over" if clock.now() >= found.expires_at else "issued"


def _language(request: HttpRequest, page: reward_book.RewardPage) -> str:
    """What was chosen on the page, else the customer's language, else the plan's."""
    asked = request.GET.get("l", "")
    if asked in LANGUAGES:
        return asked
    profile = customers.profiles(customer_ids=[page.customer_id]).get(page.customer_id)
    return product_language(profile.language if profile else "") or page.definition.fallback_language
