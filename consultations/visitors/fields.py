"""Form fields for what visitors type, in any script."""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, TypedDict, Unpack

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from consultations.privacy.fingerprints import EXTENSION_SEPARATOR
from consultations.visitors import text

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


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
        return text.clean_single_line(super().to_python(value) or "")


class PlainTextField(OneLineField):
    """Several lines of plain text."""

    widget = forms.Textarea

    def to_python(self, value: object) -> str:
        return text.clean_multiline(forms.CharField.to_python(self, value) or "")


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
