"""The WSGI request class, which runs before every middleware."""

from io import BytesIO

import pytest

from practice_site.wsgi import Request


@pytest.mark.parametrize("charset", ["rot13", "hex", "base64", "zlib", "utf-16", "nonexistent"])
def test_request_is_created_with_any_charset_name(charset):
    """Django decodes the query string with it; an error here would not show our error page."""
    request = Request(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/consultation/details/",
            "QUERY_STRING": "kind=call_back",
            "CONTENT_TYPE": f"application/x-www-form-urlencoded; charset={charset}",
            "wsgi.input": BytesIO(),
        }
    )
    # RequestLimitsMiddleware refuses it later.
    assert request.content_params == {"charset": charset}
    assert len(request.GET) == 1
