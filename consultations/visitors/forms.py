"""Base classes of visitors' forms: spam marks, rendering, answers."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

# The honeypot and the signed time only mark a form; neither ever refuses a person.
MIN_FILL_TIME = timedelta(seconds=3)
MAX_FORM_AGE = timedelta(hours=24)

_opened_signer = Signer(salt="consultations.form-opened.v1", sep="~")


def sign_opened_at(at: datetime) -> str:
    """Return the signed time at which a form was issued."""
    return _opened_signer.sign(str(int(at.timestamp())))


def read_opened_at(value: str, *, like: datetime) -> datetime | None:
    """Return the time in a signed value, in the zone of ``like``; None when it is not ours."""
    try:
        return datetime.fromtimestamp(int(_opened_signer.unsign(value)), like.tzinfo)
    except (BadSignature, ValueError, OverflowError, OSError):
        return None


class HoneypotField(forms.CharField):
    """A field that people neither see nor reach by keyboard."""

    is_decoy = True
    widget = forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})

    def clean(self, value: object) -> str:
        # A value here marks the form; it is never an error.
        return str(value or "")


class ScreenedForm(forms.Form):
    """A form with marks against spam: ``suspicions`` are for staff, visitors never see them.

    Pass ``now``: the form reads no clock.
    """

    website = HoneypotField(label=_("Leave this empty"), required=False)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: object, now: datetime, **options: object) -> None:
        super().__init__(*args, **options)  # type: ignore[arg-type]
        self.now = now
        self.opened_at = self._read_submitted_time()
        if self.is_bound:
            self.put("opened", self._opened_value_for_retry())
        else:
            self.initial.setdefault("opened", sign_opened_at(now))

    def put(self, name: str, value: str) -> None:
        """Replace what was sent for a hidden field, so that it is rendered with the new value."""
        data: QueryDict | dict[str, str] = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict or a dict
        data[self.add_prefix(name)] = value
        self.data = data

    def _read_submitted_time(self) -> datetime | None:
        value = str(self.data.get(self.add_prefix("opened")) or "")
        return read_opened_at(value[:200], like=self.now)

    def _opened_value_for_retry(self) -> str:
        """Return the value of the hidden field when the form is shown again with errors.

        The first time is kept. Where it is missing or stale, one that is old enough is used, or a
        quick second try would look like a program.
        """
        if self.opened_at is None or self.is_stale:
            return sign_opened_at(self.now - MIN_FILL_TIME)
        return sign_opened_at(self.opened_at)

    @property
    def is_stale(self) -> bool:
        return self.opened_at is not None and self.now - self.opened_at > MAX_FORM_AGE

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.is_stale:
            raise ValidationError(
                _("You were away for a while. Your answers are still here: send them again."),
                code="stale",
            )
        return cleaned

    def suspicions(self) -> list[str]:
        """Return reasons to think that a program filled in this form."""
        found = []
        if self["website"].value():
            found.append("honeypot")
        if self.opened_at is None:
            found.append("no_time")
        elif self.now - self.opened_at < MIN_FILL_TIME:
            found.append("too_fast")
        return found


class VisitorForm(ScreenedForm):
    """A form without a form tag and a CSRF token: visitors get no cookie for one."""

    use_required_attribute = False  # the server validates, with our own messages

    def answer(self, name: str) -> str:
        """Return a cleaned text, "" when the form does not have the field."""
        value: str | None = self.cleaned_data.get(name)
        return value or ""
