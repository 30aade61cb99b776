"""Which button was pressed on an editing page, and which ones it offers. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import formats, timezone
from django.utils.translation import gettext as _


class PublicationState(StrEnum):
    """Where a page stands for its readers."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"


class EditAction(StrEnum):
    PUBLISH = "_publish"
    CHANGE = "_draft_change"
    PREVIEW = "_preview"
    UNPUBLISH = "_unpublish"
    SAVE = "_save"


@dataclass(frozen=True)
class Button:
    name: str
    label: str
    is_first: bool = False
    # For the script that keeps the words true while the time is being changed.
    is_timed: bool = False


def submitted_action(posted: Mapping[str, object]) -> EditAction:
    return next((press for press in EditAction if press.value in posted), EditAction.SAVE)


def edit_buttons(
    standing: PublicationState, published_at: datetime | None, now: datetime, *, has_status: bool
) -> list[Button]:
    """The first one is the button that Enter presses: never one that publishes."""
    if standing == PublicationState.LIVE:
        found = [
            Button(EditAction.CHANGE, _("Save as draft change"), is_first=True),
            Button(EditAction.PUBLISH, _("Publish change"), is_timed=has_status),
            Button(EditAction.PREVIEW, _("Save and preview")),
        ]
        return [*found, Button(EditAction.UNPUBLISH, _("Unpublish"))] if has_status else found
    label = publish_label(published_at, now)
    found = [
        Button("_continue", _("Save draft"), is_first=True),
        Button(EditAction.PUBLISH, label, is_timed=True),
        Button(EditAction.PREVIEW, _("Save and preview")),
    ]
    if standing == PublicationState.SCHEDULED:
        found[0] = Button("_continue", _("Save, and keep the time"), is_first=True)
        found.append(Button(EditAction.UNPUBLISH, _("Back to a draft")))
    return found


# What buttons and messages say about time. Pure, but for the clock that is passed in.


def format_moment(at: datetime, now: datetime) -> str:
    """`Tuesday 8 December at 09:00`, on the clock that is active; with the year if another."""
    local, present = timezone.localtime(at), timezone.localtime(now)
    day = formats.date_format(local, "l j F" if local.year == present.year else "l j F Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": formats.date_format(local, "H:i")}


def publish_label(published_at: datetime | None, now: datetime) -> str:
    """What pressing the button will do, and when."""
    if published_at is None:
        return _("Publish now")
    if published_at > now:
        return _("Publish on %(moment)s") % {"moment": format_moment(published_at, now)}
    return _("Publish now, dated %(moment)s") % {"moment": format_moment(published_at, now)}
