"""For the doors: record an act of whoever asks."""

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from consultations.audit import workflow
from consultations.audit.models import Action
from consultations.privacy.fields import PrivateModel, unreadable_fields


def record_request_action(
    request: HttpRequest,
    action: str,
    *,
    row: PrivateModel | None = None,
    model: type[PrivateModel] | None = None,
    fields: Sequence[str] = (),
) -> None:
    """One row about a record, or about all of a kind."""
    kind = type(row) if row is not None else model
    workflow.record(
        action=action,
        by=request.user if request.user.is_authenticated else None,
        model=kind._meta.label_lower if kind else "",
        uuid=row.pk if row is not None else None,
        fields=fields,
        network=request.META.get("REMOTE_ADDR", ""),
        now=timezone.now(),
    )


def record_read(request: HttpRequest, row: PrivateModel, fields: Sequence[str]) -> None:
    """That a record was read, and which of these fields could not be opened."""
    closed = unreadable_fields(row, fields)
    record_request_action(
        request, Action.READ, row=row, fields=[name for name in fields if name not in closed]
    )
    if closed:
        record_request_action(request, Action.CANNOT_OPEN, row=row, fields=closed)


def record_list_view(
    request: HttpRequest,
    response: HttpResponse,
    *,
    model: type[PrivateModel],
    fields: Sequence[str],
) -> None:
    """That one of the admin's lists was shown: one row for the look, one for each record in it
    that could not be opened. Call it with what ``changelist_view`` answered."""
    changelist = (getattr(response, "context_data", None) or {}).get("cl")
    if changelist is None:
        return  # an act on chosen rows, or a redirect: nothing was shown
    asked = bool(getattr(changelist, "query", ""))
    record_request_action(
        request, Action.SEARCHED if asked else Action.LISTED, model=model, fields=fields
    )
    for row in changelist.result_list:
        if closed := unreadable_fields(row, fields):
            record_request_action(request, Action.CANNOT_OPEN, row=row, fields=closed)
