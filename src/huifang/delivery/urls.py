"""Addresses of delivery: policy, channels, attempts, and the webhooks of providers."""

from django.urls import path

from huifang.delivery.views import attempts, channels, hooks, links, message_templates, policy, webhooks

app_name = "delivery"
urlpatterns = [
    path("settings/contact/", policy.policy, name="policy"),
    path("settings/contact/preview/", policy.preview_policy, name="preview-policy"),
    path("settings/contact/<int:version>/restore/", policy.restore, name="restore-policy"),
    path("settings/channels/", channels.channels, name="channels"),
    path("settings/channels/new/<slug:channel>/<slug:provider>/", channels.new_account, name="new-account"),
    path("settings/channels/<int:account_id>/", channels.account, name="account"),
    path("settings/channels/<int:account_id>/trial/", channels.send_trial, name="trial"),
    path("attempts/", attempts.attempts, name="attempts"),
    path("settings/templates/", message_templates.templates, name="templates"),
    path("settings/templates/new/<slug:channel>/", message_templates.new_template, name="new-template"),
    path("settings/templates/<int:template_id>/", message_templates.template, name="template"),
    path("settings/templates/preview/<slug:channel>/", message_templates.preview, name="preview-template"),
    path("settings/webhooks/", webhooks.webhooks, name="webhooks"),
    path("settings/webhooks/<int:endpoint_id>/", webhooks.webhook, name="webhook"),
    path("settings/webhooks/<int:endpoint_id>/secret/", webhooks.rotate, name="rotate-webhook"),
    path("settings/webhooks/<int:endpoint_id>/replay/", webhooks.replay, name="replay-webhook"),
    path("settings/webhooks/<int:endpoint_id>/test/", webhooks.try_out, name="try-webhook"),
    path("settings/webhooks/<int:endpoint_id>/delete/", webhooks.delete, name="delete-webhook"),
    path("l/<str:token>", links.link, name="link"),
    path("l/<str:token>/<int:choice>", links.link, name="choice-link"),
    path("hooks/<slug:provider>/<int:account_id>", hooks.hook, name="hook"),
    path("hooks/<slug:provider>/<int:account_id>/<str:token>", hooks.hook, name="secret-hook"),
]
