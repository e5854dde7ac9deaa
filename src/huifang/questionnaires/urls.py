"""Addresses of the questionnaires room: the public page by its token, and the staff screens."""

from django.urls import path

from huifang.questionnaires import ballot_pages, feedback, open_pages, pages, preview, views

app_name = "questionnaires"
urlpatterns = [
    path("s/<str:token>", pages.survey, name="survey"),
    path("s/<str:token>/never", pages.never, name="never"),
    path("s/a/<str:token>", ballot_pages.ballot, name="ballot"),
    path("q/<slug:slug>", open_pages.open_survey, name="open"),
    path("q/<slug:slug>/<str:token>", open_pages.open_survey, name="open-on"),
    path("questionnaires/", views.questionnaire_list, name="list"),
    path("questionnaires/new/", views.create, name="create"),
    path("questionnaires/pack/", views.install_pack, name="install-pack"),
    path("questionnaires/<int:questionnaire_id>/", views.edit, name="edit"),
    path("questionnaires/<int:questionnaire_id>/save/", views.save, name="save"),
    path("questionnaires/<int:questionnaire_id>/publish/", views.publish, name="publish"),
    path("questionnaires/<int:questionnaire_id>/discard/", views.discard, name="discard"),
    path("questionnaires/<int:questionnaire_id>/archive/", views.archive, name="archive"),
    path("questionnaires/<int:questionnaire_id>/preview/<int:number>/", preview.preview, name="preview"),
    path("feedback/", feedback.feedback, name="feedback"),
]
