"""Addresses of the customers room: the list and its acts for staff, and the customer's own page."""

from django.urls import path

from huifang.customers import pages, views
from huifang.customers.imports import views as imports
from huifang.customers.segments import views as segments

app_name = "customers"
urlpatterns = [
    path("p/<str:token>", pages.preference_page, name="preferences"),
    path("p/<str:token>/unsubscribe", pages.unsubscribe, name="unsubscribe"),
    path("p/<str:token>/data.json", pages.preference_data, name="preference-data"),
    path("customers/segments/", segments.segment_list, name="segments"),
    path("customers/segments/new/", segments.new, name="segment-new"),
    path("customers/segments/live/", segments.live, name="segment-live"),
    path("customers/segments/<int:segment_id>/", segments.segment, name="segment"),
    path("customers/segments/<int:segment_id>/export/", segments.export, name="segment-export"),
    path("customers/segments/<int:segment_id>/<slug:word>/", segments.act, name="segment-act"),
    path("customers/import/", imports.import_list, name="imports"),
    path("customers/import/<int:job_id>/", imports.import_job, name="import"),
    path("customers/import/<int:job_id>/refused/", imports.refused_rows, name="import-refused"),
    path("customers/merge/", views.merge, name="merge"),
    path("customers/merge/<int:proposal_id>/dismiss/", views.dismiss_merge, name="merge-dismiss"),
    path("customers/", views.customer_list, name="list"),
    path("customers/<int:customer_id>/contact-points/", views.contact_points, name="contact-points"),
    path("customers/<int:customer_id>/consents/", views.consents, name="consents"),
    path("customers/<int:customer_id>/reveal/<str:kind>/", views.reveal, name="reveal"),
    path("customers/<int:customer_id>/refuse/", views.refuse, name="refuse"),
    path("customers/<int:customer_id>/lift/", views.lift, name="lift"),
]
