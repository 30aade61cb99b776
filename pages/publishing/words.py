"""What buttons and messages say about time. Pure, but for the clock that is passed in."""

from datetime import datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _


def moment(at: datetime, now: datetime) -> str:
    """`Tuesday 8 December at 09:00`, on the clock that is active; with the year if another."""
    local, present = timezone.localtime(at), timezone.localtime(now)
    day = formats.date_format(local, "l j F" if local.year == present.year else "l j F Y")
    return _("%(day)s at %(time)s") % {"day": day, "time": formats.date_format(local, "H:i")}


def publish_label(published_at: datetime | None, now: datetime) -> str:
    """What pressing the button will do, and when."""
    if published_at is None:
        return _("Publish now")
    if published_at > now:
        return _("Publish on %(moment)s") % {"moment": moment(published_at, now)}
    return _("Publish now, dated %(moment)s") % {"moment": moment(published_at, now)}
