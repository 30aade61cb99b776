"""Visitors' forms: cleaning of typed text, form fields, and base classes with spam marks."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypedDict, Unpack

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.core.validators import validate_email
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fingerprints import EXTENSION_SEPARATOR

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

# Bidirectional overrides can make a text read as something else; the isolates stay.
_BIDI_OVERRIDES = dict.fromkeys(map(ord, "\u202a\u202b\u202c\u202d\u202e"))
# Letters and symbols by category, but invisible.
_BLANK_LETTERS = "\u115f\u1160\u2800\u3164\uffa0"
_INVISIBLE_CATEGORIES = ("Cc", "Cf", "Cn", "Mn", "Zl", "Zp", "Zs")
_LINE_BREAKS = re.compile(r"\r\n?|\u2028|\u2029|\x0b|\x0c|\x85")
_EXCESS_BREAKS = re.compile(r"\n{3,}")

# The honeypot and the signed time only mark a form; neither ever refuses a person.
MIN_FILL_TIME = timedelta(seconds=3)
MAX_FORM_AGE = timedelta(hours=24)

_opened_signer = Signer(salt="consultations.form-opened.v1", sep="~")


# Cleaning: what visitors type is stored without losing a word.


def clean_multiline(value: str) -> str:
    """Clean several lines: line breaks become \\n, control characters go, ends are trimmed."""
    value = _LINE_BREAKS.sub("\n", value).translate(_BIDI_OVERRIDES)
    kept = (c for c in value if c in "\n\t" or not _is_control_character(c))
    text = _EXCESS_BREAKS.sub("\n\n", unicodedata.normalize("NFC", "".join(kept))).strip()
    return "" if is_blank(text) else text


def is_blank(value: str) -> bool:
    """Whether a text has no visible character."""
    return all(
        c in _BLANK_LETTERS or unicodedata.category(c) in _INVISIBLE_CATEGORIES for c in value
    )


def clean_single_line(value: str) -> str:
    """Clean one line, such as a name. Raises ValidationError at line breaks and control characters.

    No browser sends them from such a field; in an email header they would begin another one.
    """
    value = unicodedata.normalize("NFC", value.translate(_BIDI_OVERRIDES)).strip()
    if any(_is_control_character(c) or c in "\u2028\u2029" for c in value):
        raise ValidationError(
            _("Write this on one line, without special control characters."), code="control"
        )
    if is_blank(value):
        return ""
    return " ".join(value.split())


def _is_control_character(character: str) -> bool:
    # Cs: half of a surrogate pair, which no database stores.
    return unicodedata.category(character) in ("Cc", "Cs")


# Fields for what visitors type, in any script.


class FieldOptions(TypedDict, total=False):
    """What forms.CharField takes."""

    required: bool
    label: "_StrOrPromise | None"
    initial: object
    help_text: "_StrOrPromise"
    error_messages: "Mapping[str, _StrOrPromise]"
    widget: forms.Widget | type[forms.Widget]
    validators: Iterable[Callable[[object], None]]
    disabled: bool
    strip: bool
    min_length: int | None
    max_length: int | None


class OneLineField(forms.CharField):
    """A name or another short text. NUL and control characters are an error, not a 500."""

    def __init__(self, **options: Unpack[FieldOptions]) -> None:
        super().__init__(**options)
        if self.max_length is not None:
            # The server validates; the attribute would cut pasted text silently.
            self.widget.attrs.pop("maxlength", None)

    def to_python(self, value: object) -> str:
        return clean_single_line(super().to_python(value) or "")


class PlainTextField(OneLineField):
    """Several lines of plain text."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        return clean_multiline(forms.CharField.to_python(self, value) or "")


class EmailField(OneLineField):
    """An address of one person. Only its syntax is checked: no look-ups from a web request."""

    widget = forms.EmailInput
    default_error_messages = {"form": _("Enter an email address, like name@example.com")}

    def to_python(self, value: object) -> str:
        try:
            address = super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["form"], code="form") from None
        if not address:
            return ""
        self._validate_address(address)
        local, _at, domain = address.rpartition("@")
        return f"{local}@{domain.lower()}"

    def _validate_address(self, address: str) -> None:
        # "," and ";" would make two recipients of one.
        if len(address) > 254 or "," in address or ";" in address:
            raise ValidationError(self.error_messages["form"], code="form")
        try:
            validate_email(address)
        except ValidationError:
            raise ValidationError(self.error_messages["form"], code="form") from None


class PhoneField(OneLineField):
    """A phone number as people write it, stored as E.164 when known, else as its digits.

    An extension stays apart: joined to the number it would make another one.
    """

    widget = forms.TextInput
    default_error_messages = {
        "form": _("Enter a phone number with 7 to 15 digits, like 503 555 0142"),
    }

    def __init__(self, *, region: str = "US", **options: Unpack[FieldOptions]) -> None:
        self.region = region
        super().__init__(**options)
        self.widget.attrs.setdefault("inputmode", "tel")
        self.widget.input_type = "tel"

    def to_python(self, value: object) -> str:
        try:
            typed = super().to_python(value)
        except ValidationError:
            raise ValidationError(self.error_messages["form"], code="form") from None
        if not typed:
            return ""
        if len(typed) > 40:
            raise ValidationError(self.error_messages["form"], code="form")
        known = self._known(typed)
        digits = "".join(c for c in typed if c.isdecimal())
        if not known and not 7 <= len(digits) <= 15:
            raise ValidationError(self.error_messages["form"], code="form")
        return known or self._format_digits(typed, digits)

    def _known(self, typed: str) -> str:
        try:
            number = phonenumbers.parse(typed, self.region)
        except phonenumbers.NumberParseException:
            return ""
        # Possible, not valid: fictional and new ranges are accepted. A number without its area code
        # is possible only locally; with the country code before it, it would be another one.
        possible = phonenumbers.is_possible_number_with_reason(number)
        if possible != phonenumbers.ValidationResult.IS_POSSIBLE:
            return ""
        found = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        return f"{found}{EXTENSION_SEPARATOR}{number.extension}" if number.extension else found

    def _format_digits(self, typed: str, digits: str) -> str:
        plain = "".join(str(int(c)) for c in digits)
        return f"+{plain}" if typed.startswith("+") else plain


# Base classes of forms.


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
