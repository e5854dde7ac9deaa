"""Addresses of the plans room."""

from django.urls import path

from huifang.plans import views

app_name = "plans"
urlpatterns = [
    path("plans/", views.plan_list, name="list"),
    path("plans/new/", views.new, name="new"),
    path("plans/<int:plan_id>/", views.plan, name="plan"),
    path("plans/<int:plan_id>/edit/<slug:clause>/", views.save, name="save"),
    path("plans/<int:plan_id>/act/<slug:word>/", views.act, name="act"),
    path("plans/<int:plan_id>/copy/", views.copy, name="copy"),
    path("plans/<int:plan_id>/rehearse/", views.rehearse, name="rehearse"),
    path("plans/<int:plan_id>/rehearsals/<int:rehearsal_id>/", views.progress, name="progress"),
    path("plans/<int:plan_id>/rehearsals/<int:rehearsal_id>/people/", views.people, name="people"),
]
