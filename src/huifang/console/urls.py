"""Addresses of the console's own screens."""

from django.urls import URLPattern

app_name = "console"
urlpatterns: list[URLPattern] = []
