"""The server's entrance."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice_site.settings")


class Request(WSGIRequest):
    """Made before any middleware, so nothing here may raise."""

    def _set_content_type_params(self, meta: dict[str, str]) -> None:
        try:
            super()._set_content_type_params(meta)  # type: ignore[misc]
        except LookupError:
            # Python knows codecs that are none for text (rot13, hex), and Django reads the query
            # with the one that is named. RequestLimits refuses it in a moment.
            self._encoding = None


class Handler(WSGIHandler):
    request_class = Request


django.setup(set_prefix=False)
application = Handler()
