"""What every visitor's form has in common: how it is drawn, and how a fault is told."""

from datetime import datetime, timedelta
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

# A field that only programs fill, and a signed time: both only mark, neither refuses a person.

MIN_FILL_TIME = timedelta(seconds=3)
MAX_FORM_AGE = timedelta(hours=24)

_opened_signer = Signer(salt="consultations.form-opened.v1", sep="~")


def sign_opened_at(at: datetime) -> str:
    """The time at which a form was handed out, signed."""
    return _opened_signer.sign(str(int(at.timestamp())))


def read_opened_at(value: str, *, like: datetime) -> datetime | None:
    """The time in a stamp, in the zone of ``like``; None when it is not ours."""
    try:
        return datetime.fromtimestamp(int(_opened_signer.unsign(value)), like.tzinfo)
    except (BadSignature, ValueError, OverflowError, OSError):
        return None


class HoneypotField(forms.CharField):
    """Drawn where people neither see it nor reach it by keyboard."""

    is_decoy = True
    widget = forms.TextInput(attrs={"autocomplete": "off", "tabindex": "-1"})

    def clean(self, value: Any) -> str:
        # Whatever a program writes here marks; nothing here is ever a fault.
        return str(value or "")


class ScreenedForm(forms.Form):
    """A visitor's form. ``suspicions`` are for the staff's eyes; the visitor never notices.

    Pass ``now``: the form reads no clock.
    """

    website = HoneypotField(label=_("Leave this empty"), required=False)
    opened = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, now: datetime, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = now
        self.opened_at = self._read_submitted_time()
        if self.is_bound:
            self.put("opened", self._opened_value_for_retry())
        else:
            self.initial["opened"] = sign_opened_at(now)

    def put(self, name: str, value: str) -> None:
        """Replace what was sent for a hidden field, so that it is drawn with the new value."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]  # a QueryDict or a dict
        data[self.add_prefix(name)] = value
        self.data = data

    def _read_submitted_time(self) -> datetime | None:
        value = str(self.data.get(self.add_prefix("opened")) or "")
        return read_opened_at(value[:200], like=self.now)

    def _opened_value_for_retry(self) -> str:
        """What the hidden field carries when the form comes back with a fault.

        The first time is kept; where it is missing or stale, one that is already old enough, or
        a quick second try would look like a program.
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
        """Reasons to think that a program filled this form; empty for people."""
        found = []
        if self["website"].value():
            found.append("honeypot")
        if self.opened_at is None:
            found.append("no_time")
        elif self.now - self.opened_at < MIN_FILL_TIME:
            found.append("too_fast")
        return found


class VisitorForm(ScreenedForm):
    """Drawn without a form tag and without a token: visitors get no cookie to hold one."""

    use_required_attribute = False  # the server judges, in words of ours

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        return helper

    def answer(self, name: str) -> str:
        """A cleaned text, "" when the field is not asked."""
        value: Any = self.cleaned_data.get(name)
        return value or ""
