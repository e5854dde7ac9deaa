"""Addresses of the screens that read all rooms."""

from django.urls import path, register_converter

from huifang.customers.records import IdInPath
from huifang.insights import views, why

register_converter(IdInPath, "customer")

app_name = "insights"
urlpatterns = [
    path("", views.today, name="today"),
    path("insights/", views.insights, name="insights"),
    path("insights/compare/", views.compare, name="compare"),
    path("insights/features/", views.features, name="features"),
    path("insights/people/", views.behind, name="people"),
    path("customers/<customer:external_id>/", why.customer, name="customer"),
]
