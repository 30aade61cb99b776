"""Boxes for dates and times: the browser's own, which need no script and fit a phone."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self, attrs: Any = None) -> None:
        # The browser's box takes this form only, whatever the language writes.
        super().__init__(attrs, format="%Y-%m-%d")


class DateTimeInput(forms.SplitDateTimeWidget):
    """Two boxes; the label above them names neither, so each says itself what it is."""

    def __init__(self, attrs: Any = None) -> None:
        date_box: dict[str, Any] = {"type": "date", "aria-label": _("Date")}
        time_box: dict[str, Any] = {"type": "time", "step": 300, "aria-label": _("Time")}
        super().__init__(
            attrs,
            date_format="%Y-%m-%d",
            time_format="%H:%M",
            date_attrs=date_box,
            time_attrs=time_box,
        )
