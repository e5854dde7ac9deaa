"""Addresses of the demo phone; each is "not found" unless HUIFANG_DEMO is on."""

from django.urls import path

from huifang.demo import views

app_name = "demo"
urlpatterns = [
    path("", views.choose, name="phones"),
    path("<str:external_id>/", views.phone, name="phone"),
    path("<str:external_id>/hold/", views.hold, name="hold"),
    path("<str:external_id>/act/", views.act, name="act"),
    path("<str:external_id>/reply/", views.write_back, name="reply"),
    path("<str:external_id>/refuse/", views.refuse, name="refuse"),
]
