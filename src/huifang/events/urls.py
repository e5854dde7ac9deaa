"""Addresses of the screens of events, below /settings/sources/."""

from django.urls import path

from huifang.events import catalogue_views, views

app_name = "events"
urlpatterns = [
    path("", views.sources, name="sources"),
    path("revoke/", views.revoke, name="revoke"),
    path("catalogue/", catalogue_views.catalogue, name="catalogue"),
    path("catalogue/event/", catalogue_views.event, name="event"),
    path("catalogue/declare/", catalogue_views.declare, name="declare"),
    path("catalogue/withdraw/", catalogue_views.withdraw, name="withdraw"),
    path("catalogue/drifts/<int:drift_id>/settle/", catalogue_views.settle, name="settle"),
    path("rejected/", views.rejected, name="rejected"),
    path("rejected/replay/", views.replay_matching, name="replay-matching"),
    path("rejected/<int:rejected_id>/", views.rejected_one, name="rejected-one"),
    path("rejected/<int:rejected_id>/replay/", views.replay, name="replay"),
]
