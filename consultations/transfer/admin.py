"""Admin pages for the WordPress import: upload the file, review the report, confirm the import.

Written for staff who have never used a command line.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any, cast
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.transfer import uploads
from consultations.transfer.models import ImportState, WordPressImport
from pages import desk
from pages.practice.models import Practitioner
from pages.wordpress import report_text
from pages.wordpress.report import (
    IMPORTED,
    KEPT_EDITED,
    LEFT_OUT,
    SAME,
    UPDATED,
    ReportData,
    ReportLine,
)

MAX_UPLOAD_MB = 24  # slightly below the request size limit for staff
FILE_SIGNATURES = {b"PK\x03\x04": "zip", b"\x1f\x8b": "gzip", b"%PDF": "pdf"}


class UploadForm(forms.Form):
    export = forms.FileField(
        label=_("The export file"),
        help_text=_(
            "In WordPress: Tools, Export, All content, Download Export File. The file ends in .xml."
        ),
        widget=forms.FileInput(attrs={"accept": ".xml,text/xml,application/xml"}),
    )
    fetches_pictures = forms.BooleanField(
        label=_("Fetch the pictures from the old site"),
        required=False,
        initial=True,
        help_text=_("The old site must still be online. Without this, pictures become links."),
    )

    def clean_export(self) -> UploadedFile:
        file = self.cleaned_data["export"]
        if file.size > MAX_UPLOAD_MB * 1_000_000:
            raise forms.ValidationError(
                _(
                    "This file is larger than %(mb)d MB. In WordPress, export posts and pages "
                    "apart, or by years, and hand in one file after the other."
                ),
                params={"mb": MAX_UPLOAD_MB},
            )
        start = file.read(8)
        file.seek(0)
        for mark, code in FILE_SIGNATURES.items():
            if start.startswith(mark):
                raise forms.ValidationError(refusal_message(code))
        return file


class AuthorMappingForm(forms.Form):
    """Choose a practitioner for each WordPress author; matches by name or email are preselected."""

    def __init__(self, report: ReportData, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        practitioners = list(Practitioner.objects.all())
        choices = [("", _g("Nobody here"))] + [
            (practitioner.slug, practitioner.name) for practitioner in practitioners
        ]
        by_name = {practitioner.name: practitioner.slug for practitioner in practitioners}
        self.logins: dict[str, str] = {}
        for number, (login, name) in enumerate(report_authors(report)):
            field = f"author_{number}"
            self.logins[field] = login
            self.fields[field] = forms.ChoiceField(
                label=login, choices=choices, required=False, initial=by_name.get(name, "")
            )

    def author_mapping(self) -> dict[str, str]:
        """Return the chosen practitioner slug for each login; "" for none."""
        return {login: self.cleaned_data[field] for field, login in self.logins.items()}


@admin.register(WordPressImport)
class WordPressImportAdmin(admin.ModelAdmin):
    list_display = ["uploaded_at", "state", "by"]
    list_display_links = ["uploaded_at"]

    def has_change_permission(
        self, request: HttpRequest, obj: WordPressImport | None = None
    ) -> bool:
        return self.has_add_permission(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path(
                "<uuid:key>/take-over/",
                view(self.run_view),
                name="consultations_wordpressimport_run",
            )
        ]
        return own + super().get_urls()

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = UploadForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            row = uploads.store_upload(
                form.cleaned_data["export"].chunks(),
                fetches_pictures=form.cleaned_data["fetches_pictures"],
                by=cast(User, request.user),
                now=timezone.now(),
            )
            self.log_addition(request, row, [{"added": {}}])
            return HttpResponseRedirect(self._page(row))
        context = {"form": form, "title": _g("Move in from WordPress")}
        status = 422 if request.method == "POST" else 200
        return self._render(request, "upload", context, status)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        if row is None or not self.has_view_permission(request, row):
            raise PermissionDenied
        report = row.report_data
        context = {
            "row": row,
            "title": _g("Move in from WordPress"),
            "summary": report_summary(report),
            "groups": report_groups(report),
            "warnings": report_warnings(report),
            "refusal": refusal_message(row.problem) if row.state == ImportState.REFUSED else "",
            "form": AuthorMappingForm(report) if row.state == ImportState.LOOKED else None,
        }
        return self._render(request, "progress", context)

    def run_view(self, request: HttpRequest, key: UUID) -> HttpResponse:
        row = get_object_or_404(WordPressImport, pk=key)
        if request.method != "POST" or not self.has_change_permission(request, row):
            raise PermissionDenied
        form = AuthorMappingForm(row.report_data, request.POST)
        if not form.is_valid() or not uploads.confirm_import(row, authors=form.author_mapping()):
            messages.warning(request, _("Look once more: something has changed meanwhile."))
        else:
            self.log_change(request, row, [{"changed": {"fields": ["state"]}}])
        return HttpResponseRedirect(self._page(row))

    def delete_model(self, request: HttpRequest, obj: WordPressImport) -> None:
        uploads.delete_file(obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[WordPressImport]) -> None:
        for row in queryset:
            uploads.delete_file(row)
        super().delete_queryset(request, queryset)

    def _page(self, row: WordPressImport) -> str:
        return reverse("admin:consultations_wordpressimport_change", args=[row.pk])

    def _render(
        self, request: HttpRequest, name: str, context: dict[str, object], status: int = 200
    ) -> HttpResponse:
        everything = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        template = f"admin/consultations/wordpressimport/{name}.html"
        return render(request, template, everything, status=status)


# Presentation of a stored report.

refusal_message = report_text.refusal_text

KIND_ORDER = ("article", "page", "picture", "category", "tag")
MAX_GROUP_LINES = 500  # lines shown per group


@dataclass
class ReportGroup:
    """Report lines of one kind, with a count of those not shown."""

    title: str
    lines: list[str] = field(default_factory=list)
    more: int = 0
    is_open: bool = False


def report_lines(report: ReportData) -> list[ReportLine]:
    """Rebuild the report lines from the stored JSON."""
    return [
        ReportLine(
            verdict=row["verdict"],
            kind=row["kind"],
            number=row["number"],
            title=row["title"],
            state=row["state"],
            address=row["address"],
            notes=tuple((note["code"], note["about"]) for note in row["notes"]),
        )
        for row in report.get("lines", [])
    ]


def report_authors(report: ReportData) -> list[tuple[str, str]]:
    """Return each WordPress login with the name of the matching practitioner, or ""."""
    return [
        (line.number, dict(line.notes).get("author_is", ""))
        for line in report_lines(report)
        if line.kind == "author"
    ]


def report_summary(report: ReportData) -> list[str]:
    """Return counts such as `12 articles, public` for the top of the page."""
    counts: Counter[tuple[str, str]] = Counter()
    for line in report_lines(report):
        if line.verdict in (IMPORTED, UPDATED, SAME, KEPT_EDITED) and line.kind in KIND_ORDER:
            counts[line.kind, line.state] += 1
    rows = [
        _g("%(n)d %(kind)s") % {"n": number, "kind": _kind_label(kind, state, number)}
        for (kind, state), number in sorted(
            counts.items(), key=lambda item: (KIND_ORDER.index(item[0][0]), item[0][1])
        )
    ]
    texts = report_text.comment_texts(report.get("comments", {}))
    return rows + [_g("Comments: ") + "; ".join(texts)] * bool(texts)


def _kind_label(kind: str, state: str, number: int) -> str:
    names = {
        "article": ngettext("article", "articles", number),
        "page": ngettext("page", "pages", number),
        "picture": ngettext("picture", "pictures", number),
        "category": ngettext("category", "categories", number),
        "tag": ngettext("tag", "tags", number),
    }
    label = str(report_text.STATE_LABELS.get(state, ""))
    return f"{names[kind]}, {label}" if label else names[kind]


def report_groups(report: ReportData) -> list[ReportGroup]:
    """Group the lines: changed or left out first, then the rest."""
    with_notes = ReportGroup(_g("Taken, with a change or a remark"), is_open=True)
    left_out = ReportGroup(_g("Left out"), is_open=True)
    plain = ReportGroup(_g("Taken as it is"))
    rest = ReportGroup(_g("Here already"))
    for line in report_lines(report):
        if line.kind == "author":
            continue
        if line.verdict == LEFT_OUT:
            _add_line(left_out, line)
        elif line.verdict in (SAME, KEPT_EDITED):
            _add_line(rest, line)
        else:
            _add_line(with_notes if line.notes else plain, line)
    return [group for group in (with_notes, left_out, plain, rest) if group.lines]


def _add_line(group: ReportGroup, line: ReportLine) -> None:
    if len(group.lines) < MAX_GROUP_LINES:
        group.lines.append(report_text.line_text(line))
    else:
        group.more += 1


def report_warnings(report: ReportData) -> list[str]:
    """Return sentences about damage to the file."""
    texts = report_text.damage_texts(report.get("damage", {}))
    return texts + [report_text.truncated_file_text()] * bool(report.get("truncated"))


desk.register(
    "settings",
    _("WordPress import"),
    50,
    model=WordPressImport,
    add_label=_("Import a WordPress export"),
    empty=_("Bring articles, pages, pictures and comments from a WordPress site."),
)
