"""What comes before every middleware."""

from io import BytesIO

import pytest

from practice_site.wsgi import Request


@pytest.mark.parametrize("charset", ["rot13", "hex", "base64", "zlib", "utf-16", "nonexistent"])
def test_request_is_created_with_any_charset_name(charset):
    """Django reads the query with it at once; an error here would be no page of ours."""
    request = Request(
        {
            "REQUEST_METHOD": "POST",
            "PATH_INFO": "/consultation/details/",
            "QUERY_STRING": "kind=call_back",
            "CONTENT_TYPE": f"application/x-www-form-urlencoded; charset={charset}",
            "wsgi.input": BytesIO(),
        }
    )
    # For RequestLimits, which refuses it.
    assert request.content_params == {"charset": charset}
    assert len(request.GET) == 1
