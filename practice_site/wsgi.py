"""The WSGI application."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice_site.settings")


class Request(WSGIRequest):
    """Created before any middleware runs, so nothing here may raise."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except LookupError:
            # Python has codecs that are not for text (rot13, hex), and Django decodes the query
            # string with the one named. RequestLimitsMiddleware refuses the request next.
            self._encoding = None


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
