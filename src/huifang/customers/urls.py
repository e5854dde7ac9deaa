"""Addresses of the customers room: the list and its acts for staff, and the customer's own page."""

from django.urls import path

from huifang.customers import pages, views

app_name = "customers"
urlpatterns = [
    path("p/<str:token>", pages.preference_page, name="preferences"),
    path("p/<str:token>/unsubscribe", pages.unsubscribe, name="unsubscribe"),
    path("p/<str:token>/data.json", pages.preference_data, name="preference-data"),
    path("customers/", views.customer_list, name="list"),
    path("customers/<int:customer_id>/contact-points/", views.contact_points, name="contact-points"),
    path("customers/<int:customer_id>/consents/", views.consents, name="consents"),
    path("customers/<int:customer_id>/reveal/<str:kind>/", views.reveal, name="reveal"),
    path("customers/<int:customer_id>/refuse/", views.refuse, name="refuse"),
    path("customers/<int:customer_id>/lift/", views.lift, name="lift"),
]
