"""Addresses of Feedback: topics, what rises, wishes, competitors, the FAQ, labels, accuracy."""

from django.urls import path

from huifang.textanalysis.views import (
    accuracy,
    answers,
    correcting,
    found,
    labels,
    rising,
    taxonomy,
    topics,
)

app_name = "textanalysis"
urlpatterns = [
    path("feedback/topics/", topics.topic_list, name="topics"),
    path("feedback/topics/compare/", topics.compare, name="compare"),
    path("feedback/topics/<slug:code>/", topics.topic, name="topic"),
    path("feedback/texts/<int:finding_id>/", correcting.correct, name="correct"),
    path("feedback/alerts/", rising.alerts, name="alerts"),
    path("feedback/alerts/<int:alert_id>/", rising.dismiss_alert, name="dismiss-alert"),
    path("feedback/proposals/<int:proposal_id>/", rising.take_proposal, name="take-proposal"),
    path("feedback/proposals/<int:proposal_id>/dismiss/", rising.dismiss_proposal, name="dismiss-proposal"),
    path("feedback/taxonomy/", taxonomy.topics, name="taxonomy"),
    path("feedback/taxonomy/<slug:code>/", taxonomy.edit, name="edit-topic"),
    path("feedback/taxonomy/<slug:code>/merge/", taxonomy.merge, name="merge-topic"),
    path("feedback/taxonomy/<slug:code>/retire/", taxonomy.retire, name="retire-topic"),
    path("feedback/labels/", labels.queue, name="labels"),
    path("feedback/labels/learn/", labels.learn, name="learn"),
    path("feedback/labels/read-again/", labels.read_again, name="read-again"),
    path("feedback/labels/<int:finding_id>/", labels.label, name="label"),
    path("feedback/labels/versions/<int:version_id>/", labels.activate, name="activate-version"),
    path("feedback/wishes/", found.wishes, name="wishes"),
    path("feedback/competitors/", found.competitors, name="competitors"),
    path("feedback/faq/", answers.entries, name="faq"),
    path("feedback/faq/new/", answers.entry, name="new-faq"),
    path("feedback/faq/<int:entry_id>/", answers.entry, name="faq-entry"),
    path("feedback/faq/<int:entry_id>/retire/", answers.retire, name="retire-faq"),
    path("feedback/accuracy/", accuracy.accuracy, name="accuracy"),
]
