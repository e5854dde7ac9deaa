"""Every address of the web process. Rooms give their own; this table says where they hang."""

from django.conf import settings
from django.urls import include, path

from huifang.api.frame import api
from huifang.config import api_keys, metrics

API_ROUTERS: list[tuple[str, str]] = [
    ("/customers", "huifang.customers.endpoints.router"),
    ("/merge-proposals", "huifang.customers.endpoints.proposals"),
    ("/segments", "huifang.customers.segment_endpoints.router"),
    ("", "huifang.delivery.endpoints.router"),
    ("", "huifang.delivery.account_endpoints.router"),
    ("", "huifang.delivery.policy_endpoints.router"),
    ("", "huifang.delivery.template_endpoints.router"),
    ("", "huifang.delivery.webhook_endpoints.router"),
    ("/events", "huifang.events.endpoints.router"),
    ("", "huifang.events.source_endpoints.router"),
    # Before plans, whose /plans/{plan_id} would take /plans/pack for a plan.
    ("/plans", "huifang.plans.draft_endpoints.router"),
    ("/plans", "huifang.plans.endpoints.router"),
    ("", "huifang.plans.reward_endpoints.router"),
    ("", "huifang.questionnaires.endpoints.router"),
    ("", "huifang.questionnaires.widget.endpoints.router"),
    ("", "huifang.textanalysis.endpoints.router"),
    ("", "huifang.insights.endpoints.router"),
    ("", "huifang.insights.measure_endpoints.router"),
]
for prefix, router in API_ROUTERS:
    api.add_router(prefix, router)

urlpatterns = [
    path("accounts/", include("huifang.console.sign_in")),
    path("api/v1/", api.urls),
    path("metrics", metrics.metrics, name="metrics"),
    path("settings/api-keys/", api_keys.api_keys, name="api-keys"),
    path("settings/api-keys/revoke/", api_keys.revoke, name="revoke-api-key"),
    path("settings/sources/", include("huifang.events.urls")),
    *([path("demo/", include("huifang.demo.urls"))] if settings.IS_DEMO else []),
    # Before insights, whose customers/<id>/ would take customers/segments/ for a customer.
    path("", include("huifang.customers.urls")),
    path("", include("huifang.insights.urls")),
    path("", include("huifang.delivery.urls")),
    path("", include("huifang.plans.urls")),
    path("", include("huifang.textanalysis.urls")),
    path("", include("huifang.questionnaires.urls")),
    path("", include("huifang.console.urls")),
]
handler400 = "huifang.config.faults.bad_request"
handler403 = "huifang.config.faults.forbidden"
handler404 = "huifang.config.faults.not_found"
handler500 = "huifang.config.faults.broken"
