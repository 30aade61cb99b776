"""Comments as the moderation desk shows them, with the buttons that each offers.

A comment that cannot be decrypted shows a placeholder and never breaks the page.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import User
from django.db.models import Count
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.audit.models import Actor
from consultations.comments.models import (
    UNDOABLE_ACTIONS,
    Comment,
    CommentAction,
    CommentEvent,
    CommentReport,
    Status,
    deletion_due_at,
    email_removal_due_at,
)
from consultations.privacy.encryption import DecryptionError
from consultations.screening.classifier import HOLD_THRESHOLD, REASONS, SPAM_THRESHOLD

# Buttons and keyboard shortcuts.

KEYBOARD_SHORTCUTS: tuple[tuple[str, str | Promise], ...] = (
    ("jk", _("Next, previous")),
    ("a", _("Approve, or keep a reported one")),
    ("s", _("Spam")),
    ("t", _("Trash")),
    ("r", _("Reply")),
    ("e", _("Redact: take words out first")),
    ("x", _("Choose")),
    ("u", _("Put back")),
    ("z", _("Undo, one step at a time")),
    ("o", _("Open its page")),
    ("?", _("This list")),
)


@dataclass(frozen=True)
class ActionButton:
    """A button (``action``) or a link to the page of an action (``url``), and its shortcut key."""

    label: str | Promise
    key: str
    action: str = ""
    url: str = ""
    is_primary: bool = False

    @property
    def done(self) -> str | Promise:
        """What the desk's script says at once about one comment; ``{name}`` is its writer."""
        return DONE_MESSAGES.get(self.action, ("", ""))[0]

    @property
    def done_many(self) -> str | Promise:
        """The same about ``{n}`` comments, two or more."""
        return DONE_MESSAGES.get(self.action, ("", ""))[1]


DONE_MESSAGES: dict[str, tuple[str | Promise, str | Promise]] = {
    "approve": (_("Approved the comment by {name}"), _("Approved {n} comments")),
    "spam": (_("Marked the comment by {name} as spam"), _("Marked {n} comments as spam")),
    "trash": (_("Moved the comment by {name} to the trash"), _("Moved {n} comments to the trash")),
    "restore": (_("Put back the comment by {name}"), _("Put back {n} comments")),
    "settle": (_("Kept the comment by {name}"), _("Kept {n} comments")),
}


def buttons_for_comment(comment: Comment, *, is_reported: bool = False) -> list[ActionButton]:
    """Return the buttons for a comment in its current status."""
    status = comment.status
    if status == Status.WITHDRAWN:
        return []
    buttons = []
    if is_reported:
        buttons.append(ActionButton(_("Keep it"), "a", action="settle", is_primary=True))
    elif status == Status.WAITING:
        buttons.append(ActionButton(_("Approve"), "a", action="approve", is_primary=True))
    elif status == Status.SPAM:
        buttons.append(ActionButton(_("Approve"), "a", action="approve"))
    if status in (Status.WAITING, Status.APPROVED):
        buttons.append(ActionButton(_("Reply"), "r", url=_action_page_url("reply", comment)))
        if not comment.by_practice:
            url = _action_page_url("redact", comment)
            buttons.append(ActionButton(_("Redact"), "e", url=url))
    if status in (Status.SPAM, Status.TRASH):
        label = _("Not spam") if status == Status.SPAM else _("Put back")
        buttons.append(ActionButton(label, "u", action="restore", is_primary=True))
    if status in (Status.WAITING, Status.APPROVED) and not comment.by_practice:
        buttons.append(ActionButton(_("Spam"), "s", action="spam"))
    if status != Status.TRASH:
        buttons.append(ActionButton(_("Trash"), "t", action="trash"))
    return buttons


def bulk_buttons(folder: str) -> list[ActionButton]:
    """Return the buttons for the selected comments of a folder."""
    spam, trash = (
        ActionButton(_("Spam"), "s", action="spam"),
        ActionButton(_("Trash"), "t", action="trash"),
    )
    approve = ActionButton(_("Approve"), "a", action="approve", is_primary=True)
    buttons = {
        Status.WAITING: [approve, spam, trash],
        Status.APPROVED: [spam, trash],
        Status.SPAM: [ActionButton(_("Not spam"), "u", action="restore"), approve, trash],
        Status.TRASH: [ActionButton(_("Put back"), "u", action="restore", is_primary=True)],
        "reported": [ActionButton(_("Keep"), "a", action="settle", is_primary=True), spam, trash],
    }
    return buttons.get(folder, [])


def _action_page_url(action: str, comment: Comment) -> str:
    return reverse(f"admin:consultations_comment_{action}", args=[comment.pk])


# Rows.

UNREADABLE_TEXT = _("cannot be read")
MAX_PARENTS_SHOWN = 3


@dataclass(frozen=True)
class ThreadComment:
    """A comment of the thread: name and text, or placeholders when they cannot be decrypted."""

    comment: Comment

    @property
    def url(self) -> str:
        return reverse("admin:consultations_comment_change", args=[self.comment.pk])

    @property
    def anchor(self) -> str:
        return f"c-{self.comment.pk}"

    @property
    def is_readable(self) -> bool:
        try:
            self.comment.name, self.comment.shown_text  # noqa: B018
        except DecryptionError:
            return False
        return True

    @property
    def name(self) -> str:
        return self._decrypted("name") or _g("(no name)")

    @property
    def text(self) -> str:
        """The text that is or would be published."""
        return self._decrypted("shown_text") or _g("(erased by the writer)")

    @property
    def paragraphs(self) -> list[str]:
        return split_paragraphs(self.text)

    @property
    def by_practice(self) -> bool:
        return self.comment.by_practice

    @property
    def is_redacted(self) -> bool:
        try:
            return bool(self.comment.redacted_text)
        except DecryptionError:
            return False

    def _decrypted(self, name: str) -> str:
        try:
            return str(getattr(self.comment, name))
        except DecryptionError:
            return str(UNREADABLE_TEXT)


@dataclass(frozen=True)
class CommentRow(ThreadComment):
    """A comment with everything needed to moderate it."""

    now: datetime
    reports: int = 0
    may_act: bool = False

    @property
    def key(self) -> str:
        return str(self.comment.pk)

    @property
    def status(self) -> str:
        return self.comment.status

    @property
    def status_label(self) -> str:
        return str(self.comment.get_status_display())

    @property
    def thread(self) -> list[ThreadComment]:
        """The parents, the topmost first."""
        return [ThreadComment(comment) for comment in reversed(list(self._parents()))]

    @property
    def has_more_parents(self) -> bool:
        parents = list(self._parents())
        return bool(parents and parents[-1].parent_id)

    def _parents(self) -> Iterator[Comment]:
        comment = self.comment
        for _level in range(MAX_PARENTS_SHOWN):
            if comment.parent is None:
                return
            comment = comment.parent
            yield comment

    @property
    def reasons(self) -> list[str]:
        return [str(REASONS.get(code, code)) for code in self.comment.suspicions]

    @property
    def score_band(self) -> str:
        """The range of the spam score: "person", "unclear" or "spam"; "" without a score."""
        score = self.comment.score
        if score is None:
            return ""
        if score < HOLD_THRESHOLD:
            return "person"
        return "unclear" if score < SPAM_THRESHOLD else "spam"

    @property
    def score_band_label(self) -> str:
        labels = {
            "person": _g("Reads like a person"),
            "unclear": _g("Hard to tell"),
            "spam": _g("Reads like spam"),
        }
        return labels.get(self.score_band, "")

    @property
    def percent(self) -> int:
        return round(100 * (self.comment.score or 0))

    @property
    def age(self) -> str:
        return timesince(self.comment.created_at, self.now, depth=1)

    @property
    def deletion_due_at(self) -> datetime | None:
        """When retention deletes the comment."""
        return deletion_due_at(self.comment)

    @property
    def email_removal_due_at(self) -> datetime | None:
        """When retention removes the email address and keeps the comment."""
        return email_removal_due_at(self.comment)

    @property
    def buttons(self) -> list[ActionButton]:
        return (
            buttons_for_comment(self.comment, is_reported=bool(self.reports))
            if self.may_act
            else []
        )


def build_rows(comments: Sequence[Comment], *, now: datetime, may_act: bool) -> list[CommentRow]:
    """Wrap comments for the desk. One query for the reports of all of them."""
    reports = CommentReport.objects.open().filter(comment__in=[row.pk for row in comments])
    counts = dict(reports.order_by().values_list("comment").annotate(n=Count("*")))
    return [CommentRow(row, now, counts.get(row.pk, 0), may_act) for row in comments]


def build_row(comment: Comment, *, now: datetime, may_act: bool) -> CommentRow:
    return build_rows([comment], now=now, may_act=may_act)[0]


def split_paragraphs(text: str) -> list[str]:
    """Split a text as readers see it; the template escapes each part and keeps its line breaks."""
    return [part.strip("\n") for part in text.split("\n\n") if part.strip()]


def staff_display_name(user: User | None) -> str:
    """Return how staff see each other's name; readers never see it."""
    if user is None:
        return _g("the site")
    return user.get_full_name() or user.get_username()


def actor_display_name(event: CommentEvent) -> str:
    """Return who caused an event: a member of staff, the visitor or the site."""
    if event.by_id is not None:
        return staff_display_name(event.by)
    return str(event.get_actor_display())


def latest_event(comment: Comment) -> CommentEvent | None:
    events: Iterable[CommentEvent] = comment.events.select_related("by").newest_first()[:1]
    return next(iter(events), None)


def is_undoable(event: CommentEvent, comment: Comment) -> bool:
    """Return whether the undo button works for an event: the last one, and by staff."""
    return (
        # Undoing a reply moves it to the trash.
        event.act in (*UNDOABLE_ACTIONS, CommentAction.REPLY)
        and event.number == comment.revision
        and event.actor != Actor.VISITOR
    )
