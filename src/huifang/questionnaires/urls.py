"""Addresses of the questionnaires room: the public page by its token, and the staff screens."""

from django.urls import path

from huifang.public import widget as widget_script
from huifang.questionnaires import (
    ballot_pages,
    feedback,
    files,
    link_views,
    open_pages,
    pages,
    preview,
    views,
    views_kept,
    views_replies,
)
from huifang.questionnaires.widget import pages as widget
from huifang.questionnaires.widget import views as widget_views

app_name = "questionnaires"
urlpatterns = [
    path("s/<str:token>", pages.survey, name="survey"),
    path("s/<str:token>/never", pages.never, name="never"),
    path("s/a/<str:token>", ballot_pages.ballot, name="ballot"),
    path("q/<slug:slug>", open_pages.open_survey, name="open"),
    path("q/<slug:slug>/<str:token>", open_pages.open_survey, name="open-on"),
    path("widget.js", widget_script.script, name="widget-script"),
    path("settings/widget/", widget_views.site_list, name="widget-sites"),
    path("settings/widget/<int:site_id>/", widget_views.site, name="widget-site"),
    path("settings/widget/<int:site_id>/secret/", widget_views.rotate, name="rotate-widget-site"),
    path("settings/widget/<int:site_id>/former/", widget_views.end_former, name="end-widget-secret"),
    path("settings/widget/<int:site_id>/revoke/", widget_views.revoke, name="revoke-widget-site"),
    path("widget/<slug:key>/pass", widget.give_pass, name="widget-pass"),
    path("widget/<slug:key>/inbox", widget.inbox, name="widget-inbox"),
    path("widget/<slug:key>/seen", widget.seen, name="widget-seen"),
    path("widget/<slug:key>/answers", widget.answer, name="widget-answers"),
    path("widget/<slug:key>/never", widget.never, name="widget-never"),
    path("questionnaires/", views.questionnaire_list, name="list"),
    path("questionnaires/new/", views.create, name="create"),
    path("questionnaires/pack/", views.install_pack, name="install-pack"),
    path("questionnaires/<int:questionnaire_id>/", views.edit, name="edit"),
    path("questionnaires/<int:questionnaire_id>/save/", views.save, name="save"),
    path("questionnaires/<int:questionnaire_id>/publish/", views.publish, name="publish"),
    path("questionnaires/<int:questionnaire_id>/discard/", views.discard, name="discard"),
    path("questionnaires/<int:questionnaire_id>/archive/", views.archive, name="archive"),
    path("questionnaires/<int:questionnaire_id>/preview/<int:number>/", preview.preview, name="preview"),
    path("questionnaires/<int:questionnaire_id>/undo/", views.undo, name="undo"),
    path("questionnaires/<int:questionnaire_id>/take/", views.take, name="take"),
    path("questionnaires/<int:questionnaire_id>/links/", link_views.link_list, name="links"),
    path("questionnaires/<int:questionnaire_id>/links/new/", link_views.create, name="create-link"),
    path("questionnaires/links/<slug:slug>/turn/", link_views.turn, name="turn-link"),
    path("questionnaires/links/<slug:slug>/code.<str:form>", link_views.code, name="link-code"),
    path("questionnaires/links/<slug:slug>/poster/", link_views.poster, name="poster"),
    path("feedback/files/<uuid:file_id>/", files.download, name="file"),
    path("feedback/views/", views_kept.keep_view, name="keep-view"),
    path("feedback/replies/", views_replies.left_replies, name="replies"),
    path("feedback/", feedback.feedback, name="feedback"),
]
