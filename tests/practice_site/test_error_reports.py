"""Error reports contain no values, and no logger emails them."""

import logging
import sys
from typing import cast

from django.test import RequestFactory
from django.utils.log import AdminEmailHandler
from django.views.debug import get_exception_reporter_class

from practice_site.logs import LocationOnlyReporter
from practice_site.middleware import ReferencedRequest

MARK = "zebra-quilt"


def fail(note: str) -> None:
    local = f"{note} in a variable"
    raise ValueError(f"cannot take {local}")


def test_report_contains_only_error_type_and_locations(settings, mailoutbox) -> None:
    settings.ADMINS = [("Owner", "owner@example.com")]
    settings.EMAIL_SUBJECT_PREFIX = MARK
    request = RequestFactory().post(f"/?q={MARK}", {"note": MARK}, headers={"Cookie": f"a={MARK}"})
    cast(ReferencedRequest, request).reference = "1a2b3c4d"
    try:
        fail(MARK)
    except ValueError:
        exc_info = sys.exc_info()
    assert get_exception_reporter_class(request) is LocationOnlyReporter
    reporter = LocationOnlyReporter(request, *exc_info)
    for text in (reporter.get_traceback_text(), reporter.get_traceback_html()):
        assert MARK not in text
        assert "ValueError (reference 1a2b3c4d)\n" in text
        assert " fail\n" in text
    record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "went wrong", (), exc_info)
    record.request = request
    AdminEmailHandler(include_html=True).emit(record)
    [mail] = mailoutbox
    assert MARK not in mail.body
    assert MARK not in str(mail.alternatives)


def test_no_logger_sends_email(settings) -> None:
    assert not settings.ADMINS
    loggers = [logging.getLogger(name) for name in ["", *logging.root.manager.loggerDict]]
    handlers = [handler for logger in loggers for handler in logger.handlers]
    assert not [handler for handler in handlers if isinstance(handler, AdminEmailHandler)]
