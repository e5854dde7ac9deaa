"""Addresses of the questionnaires room: the public page by its token, and the staff screens."""

from django.urls import path

from huifang.questionnaires import pages

app_name = "questionnaires"
urlpatterns = [
    path("s/<str:token>", pages.survey, name="survey"),
    path("s/<str:token>/never", pages.never, name="never"),
]
