"""Every address of the web process. Rooms give their own; this table says where they hang."""

from django.urls import include, path

from huifang.api.frame import api

API_ROUTERS: list[tuple[str, str]] = []
for prefix, router in API_ROUTERS:
    api.add_router(prefix, router)

urlpatterns = [
    path("accounts/", include("allauth.urls")),
    path("api/v1/", api.urls),
    path("", include("huifang.console.urls")),
]
