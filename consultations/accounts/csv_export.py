"""CSV files for owners: after a fresh sign-in, logged, and safe to open in a spreadsheet."""

import csv
import io
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise

from consultations.accounts.reauthentication import require_recent_authentication
from consultations.accounts.roles import is_owner
from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.privacy.fields import PrivateModel, readable_text
from pages.practice.models import PracticeProfile

TEMPLATE = "admin/consultations/export_csv.html"
# A spreadsheet reads a cell that begins with one of these as a formula.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Row = Sequence[object]


def export_page(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    *,
    name: str,
    title: "str | Promise",
    fields: Sequence[str],
    rows: Callable[[], Iterable[Row]],
) -> HttpResponse:
    """Explain the file on GET, send it on POST. The first of ``rows`` are the headings.

    ``fields`` are the encrypted fields in it, which the audit log names.
    """
    if not is_owner(request.user):
        raise PermissionDenied
    require_recent_authentication(request)
    if request.method != "POST":
        context = {
            **model_admin.admin_site.each_context(request),
            "title": title,
            "opts": model_admin.opts,
        }
        return render(request, TEMPLATE, context)
    model: type[PrivateModel] = model_admin.model
    audit.record_request_action(request, Action.EXPORTED, model=model, fields=fields)
    zone = ZoneInfo(PracticeProfile.load().time_zone)
    day = f"{timezone.now().astimezone(zone):%Y-%m-%d}"
    response = HttpResponse(write_csv(rows(), zone), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}-{day}.csv"'
    return response


def write_csv(rows: Iterable[Row], zone: ZoneInfo) -> bytes:
    """Return a CSV file with times in a zone, and a mark that tells Excel that it is UTF-8."""
    output = io.StringIO()
    writer = csv.writer(output, quoting=csv.QUOTE_ALL)
    writer.writerows([safe_cell(value, zone) for value in row] for row in rows)
    return output.getvalue().encode("utf-8-sig")


def safe_cell(value: object, zone: ZoneInfo) -> str:
    """Return a cell as text that no spreadsheet runs as a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
    text = str(value).replace("\x00", "")
    return f"'{text}" if text.lstrip().startswith(FORMULA_STARTS) or text[:1] in "\t\r" else text


def read_cell(row: PrivateModel, name: str) -> str:
    """Return an encrypted field, or a note that it cannot be read."""
    return str(readable_text(row, name))


def heading(model: type[PrivateModel], name: str) -> str:
    """Return the heading of a field's column."""
    return str(getattr(model._meta.get_field(name), "verbose_name", name))
