"""What the widget and its sites refuse."""

from huifang.kernel.refusals import Refusal, gettext_noop


class WidgetRefusedError(Refusal):
    """Wrong key, origin, hash or pass. Deliberately one refusal: it tells nothing of a customer."""

    code = "widget_refused"
    text = gettext_noop("The widget may not be used here.")
    status = 403


class WidgetPassError(Refusal):
    """The pass is over or was never good; the widget asks for another once."""

    code = "widget_pass"
    text = gettext_noop("Ask for a new pass.")
    status = 401


class WidgetUnreadableError(Refusal):
    """The body is no JSON of the right shape, or too large."""

    code = "widget_unreadable"
    text = gettext_noop("This request cannot be read.")
    status = 400


class UnknownWidgetSiteError(Refusal):
    """No widget site has this number, or it was revoked."""

    code = "unknown_widget_site"
    text = gettext_noop("There is no widget site {site_id}, or it was revoked.")
    status = 404


class WidgetSiteNameTakenError(Refusal):
    """Two sites cannot share a name."""

    code = "widget_site_name_taken"
    text = gettext_noop("There is already a widget site called {name}. Choose another name.")


class WidgetOriginError(Refusal):
    """An origin is scheme, host and port, and nothing else."""

    code = "widget_origin"
    text = gettext_noop("{origin} is no origin. Write it as https://app.example, without a path.")
    status = 422


class WidgetSiteEmptyError(Refusal):
    """A site needs a name and an origin."""

    code = "widget_site_empty"
    text = gettext_noop("Give the site a name, and at least one origin on which the widget may stand.")
    status = 422
