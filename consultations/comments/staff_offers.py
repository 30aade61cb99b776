"""Which presses a comment offers to staff in the state it is in. Pure."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from consultations.comments.models import Comment, Status

SHORTCUTS: tuple[tuple[str, Any], ...] = (
    ("jk", _("next and previous comment; the arrow keys too while a comment has the focus")),
    ("a", _("approve (reported ones: keep)")),
    ("r", _("reply, and approve with it")),
    ("e", _("redact: take words out, then approve")),
    ("s", _("spam")),
    ("t", _("trash")),
    ("u", _("put back, out of spam or the trash")),
    ("z", _("undo the last act")),
    ("x", _("choose it, for an act on several")),
    ("o", _("open its page")),
    ("?", _("this list")),
)


@dataclass(frozen=True)
class Offer:
    """A button (``verb``) or a link to an act's own page (``url``), and the key that presses it."""

    label: Any
    key: str
    verb: str = ""
    url: str = ""
    is_first: bool = False


def offers_for(comment: Comment, *, is_reported: bool = False) -> list[Offer]:
    status, own = comment.status, comment.by_practice
    if status == Status.WITHDRAWN:
        return []
    found = []
    if is_reported:
        found.append(Offer(_("Keep it"), "a", verb="settle", is_first=True))
    elif status == Status.WAITING:
        found.append(Offer(_("Approve"), "a", verb="approve", is_first=True))
    elif status == Status.SPAM:
        found.append(Offer(_("Approve"), "a", verb="approve"))
    if status in (Status.WAITING, Status.APPROVED):
        label = _("Reply") if status == Status.APPROVED else _("Approve and reply")
        found.append(Offer(label, "r", url=_page("reply", comment)))
        if not own:
            label = _("Redact") if status == Status.APPROVED else _("Redact and approve")
            found.append(Offer(label, "e", url=_page("redact", comment)))
    if status in (Status.SPAM, Status.TRASH):
        label = _("Not spam") if status == Status.SPAM else _("Put back")
        found.append(Offer(label, "u", verb="restore", is_first=True))
    if status in (Status.WAITING, Status.APPROVED) and not own:
        found.append(Offer(_("Spam"), "s", verb="spam"))
    if status != Status.TRASH:
        found.append(Offer(_("Trash"), "t", verb="trash"))
    return found


def bulk_offers(folder: str) -> list[Offer]:
    """For the chosen ones of a folder."""
    spam, trash = Offer(_("Spam"), "", verb="spam"), Offer(_("Trash"), "", verb="trash")
    approve = Offer(_("Approve"), "", verb="approve")
    offered = {
        Status.WAITING: [approve, spam, trash],
        Status.APPROVED: [spam, trash],
        Status.SPAM: [Offer(_("Not spam"), "", verb="restore"), approve, trash],
        Status.TRASH: [Offer(_("Put back"), "", verb="restore")],
        "reported": [Offer(_("Keep"), "", verb="settle"), spam, trash],
    }
    return offered.get(folder, [])


def _page(act: str, comment: Comment) -> str:
    return reverse(f"admin:consultations_comment_{act}", args=[comment.pk])
