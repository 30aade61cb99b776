"""The buttons of an editing page: which were pressed, which are offered, and their labels. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils import formats, timezone
from django.utils.translation import gettext as _


class PublicationState(StrEnum):
    """Whether readers can see a page."""

    DRAFT = "draft"
    SCHEDULED = "scheduled"
    LIVE = "live"


class EditAction(StrEnum):
    PUBLISH = "_publish"
    CHANGE = "_draft_change"
    PREVIEW = "_preview"
    UNPUBLISH = "_unpublish"
    ASK = "_ask_review"
    SAVE = "_save"


@dataclass(frozen=True)
class Button:
    name: str
    label: str
    is_first: bool = False
    # A script updates the label when the publication time is edited.
    is_timed: bool = False

    @property
    def kind(self) -> str:
        """The name for style sheets: `publish`, `continue`, `draft_change` and so on."""
        return self.name.removeprefix("_")


def submitted_action(posted: Mapping[str, object]) -> EditAction:
    return next((action for action in EditAction if action.value in posted), EditAction.SAVE)


def edit_buttons(
    state: PublicationState, published_at: datetime | None, now: datetime, *, has_status: bool
) -> list[Button]:
    """Return the buttons of a page. Enter presses the first, so it never publishes."""
    if state == PublicationState.LIVE:
        buttons = [
            Button(EditAction.CHANGE, _("Save as draft change"), is_first=True),
            Button(EditAction.PUBLISH, _("Publish change"), is_timed=has_status),
            Button(EditAction.PREVIEW, _("Save and preview")),
        ]
        return [*buttons, Button(EditAction.UNPUBLISH, _("Unpublish"))] if has_status else buttons
    label = publish_label(published_at, now)
    buttons = [
        Button("_continue", _("Save draft"), is_first=True),
        Button(EditAction.PUBLISH, label, is_timed=True),
        Button(EditAction.PREVIEW, _("Save and preview")),
    ]
    if state == PublicationState.SCHEDULED:
        buttons[0] = Button("_continue", _("Save, and keep the time"), is_first=True)
        buttons.append(Button(EditAction.UNPUBLISH, _("Back to a draft")))
    return buttons


def contributor_buttons(state: PublicationState, *, is_asked: bool) -> list[Button]:
    """Return the buttons for somebody who may not publish."""
    name = "_continue" if state == PublicationState.DRAFT else EditAction.CHANGE
    ask = _("Ask for review again") if is_asked else _("Ask for review")
    return [
        Button(name, _("Save draft"), is_first=True),
        Button(EditAction.PREVIEW, _("Save and preview")),
        Button(EditAction.ASK, ask),
    ]


def format_moment(at: datetime, now: datetime) -> str:
    """Format as `Tuesday 8 December at 09:00` in the active time zone; another year is added."""
    local, present = timezone.localtime(at), timezone.localtime(now)
    day = formats.date_format(local, "l j F" if local.year == present.year else "l j F Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": formats.date_format(local, "H:i")}


def publish_label(published_at: datetime | None, now: datetime) -> str:
    """Return the label of the publish button, with the time it will publish at."""
    if published_at is None:
        return _("Publish now")
    if published_at > now:
        return _("Publish on %(moment)s") % {"moment": format_moment(published_at, now)}
    return _("Publish now, dated %(moment)s") % {"moment": format_moment(published_at, now)}
