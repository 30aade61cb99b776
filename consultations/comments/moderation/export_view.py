"""All comments as a CSV file, for owners."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from consultations.accounts.csv_export import export_page, heading, read_cell
from consultations.comments.models import Comment
from consultations.comments.moderation.base import ModerationAdmin

ENCRYPTED_FIELDS = ("name", "email", "text")
CHUNK_ROWS = 500


def export_comments(model_admin: ModerationAdmin, request: HttpRequest) -> HttpResponse:
    return export_page(
        model_admin,
        request,
        name="comments",
        title=_("Comments as CSV"),
        fields=ENCRYPTED_FIELDS,
        rows=comment_rows,
    )


def comment_rows() -> Iterator[list[object]]:
    """Yield the headings and one row for each comment, newest first."""
    names = ("article", "status", "created_at", "published_at", *ENCRYPTED_FIELDS)
    yield [heading(Comment, name) for name in names]
    rows = Comment.objects.select_related("article").order_by("-created_at")
    for row in rows.iterator(CHUNK_ROWS):
        yield [
            row.article,
            row.get_status_display(),
            row.created_at,
            row.published_at,
            *(read_cell(row, name) for name in ENCRYPTED_FIELDS),
        ]
