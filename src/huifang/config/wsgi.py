"""The web process: console, public pages and HTTP API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huifang.config.settings")
application = get_wsgi_application()
