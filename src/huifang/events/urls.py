"""Addresses of the screens of events, below /settings/sources/."""

from django.urls import path

from huifang.events import views

app_name = "events"
urlpatterns = [
    path("", views.sources, name="sources"),
    path("revoke/", views.revoke, name="revoke"),
    path("catalogue/", views.catalogue_of_events, name="catalogue"),
    path("rejected/", views.rejected, name="rejected"),
    path("rejected/replay/", views.replay_matching, name="replay-matching"),
    path("rejected/<int:rejected_id>/", views.rejected_one, name="rejected-one"),
    path("rejected/<int:rejected_id>/replay/", views.replay, name="replay"),
]
