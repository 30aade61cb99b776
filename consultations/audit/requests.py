"""Record in the audit log what the user of a request did."""

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
    """Add one entry about a record, or about a model as a whole."""
    model = type(row) if row is not None else model
    workflow.record(
        action=action,
        by=request.user if request.user.is_authenticated else None,
        model=model._meta.label_lower if model else "",
        uuid=row.pk if row is not None else None,
        fields=fields,
        network=request.META.get("REMOTE_ADDR", ""),
        now=timezone.now(),
    )


def record_read(request: HttpRequest, row: PrivateModel, fields: Sequence[str]) -> None:
    """Record which fields of a record were read, and which could not be decrypted."""
    unreadable = unreadable_fields(row, fields)
    readable = [name for name in fields if name not in unreadable]
    record_request_action(request, Action.READ, row=row, fields=readable)
    if unreadable:
        record_request_action(request, Action.CANNOT_OPEN, row=row, fields=unreadable)


def record_list_view(
    request: HttpRequest,
    response: HttpResponse,
    *,
    model: type[PrivateModel],
    fields: Sequence[str],
) -> None:
    """Record that a list of the admin was shown, with what ``changelist_view`` returned.

    Adds one entry for the list and one for each record in it that could not be decrypted.
    """
    changelist = (getattr(response, "context_data", None) or {}).get("cl")
    if changelist is None:
        return  # an action on selected rows, or a redirect: no list was shown
    action = Action.SEARCHED if getattr(changelist, "query", "") else Action.LISTED
    record_request_action(request, action, model=model, fields=fields)
    for row in changelist.result_list:
        if unreadable := unreadable_fields(row, fields):
            record_request_action(request, Action.CANNOT_OPEN, row=row, fields=unreadable)
