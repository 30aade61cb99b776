"""Forms for uploading a picture and editing its details, and the widget for choosing one."""

import hashlib
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.media import decoding, workflow
from pages.media.decoding import InvalidPicture
from pages.media.files import ACCEPTED_FORMATS
from pages.media.models import Focus, Picture

ACCEPTED_TYPES = [f"image/{kind.lower()}" for kind in ACCEPTED_FORMATS]


# The admin derives its forms from these, with other lists of fields.
DETAIL_FIELDS = ["name", "alt", "is_decorative", "caption", "credit", "focus"]


class PictureDetailsForm(forms.ModelForm):
    """Edit the details of an existing picture."""

    class Meta:
        model = Picture
        fields = DETAIL_FIELDS
        widgets = {"caption": forms.Textarea(attrs={"rows": 2})}

    def clean(self) -> dict[str, object]:
        data = super().clean() or {}
        if not data.get("alt") and not data.get("is_decorative") and "alt" not in self.errors:
            self.add_error(
                "alt",
                _("Say in a sentence what the picture shows, or tick “decorative” below."),
            )
        else:
            self.instance.awaits_alt = False
        return data


class UploadForm(PictureDetailsForm):
    field_order = ["file", "alt", "is_decorative", "caption", "credit", "focus", "name"]

    file = forms.FileField(
        label=gettext_lazy("picture file"),
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED_TYPES)}),
        help_text=gettext_lazy(
            "JPEG, PNG, WebP, AVIF or GIF, up to 20 MB. Where and when it was taken is removed."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].required = False
        self.fields["name"].help_text = _("Left empty, the name of the file.")
        self.decoded: decoding.DecodedPicture | None = None

    def clean_file(self) -> UploadedFile:
        file = self.cleaned_data["file"]
        if file.size > decoding.MAX_BYTES:
            raise forms.ValidationError(decoding.file_too_large_message())
        data = file.read()
        try:
            self.decoded = decoding.decode_picture(data)
        except InvalidPicture as refused:
            raise forms.ValidationError(str(refused)) from None
        self.digest = hashlib.sha256(data).hexdigest()
        return file

    def store(self, *, by: User | None, now: datetime) -> Picture:
        """Save the picture of a valid form."""
        assert self.decoded is not None, "valid forms only"
        words = {name: self.cleaned_data.get(name, "") for name in DETAIL_FIELDS}
        words["focus"] = words["focus"] or Focus.CENTRE
        words["awaits_alt"] = self.instance.awaits_alt
        words["name"] = words["name"] or workflow.picture_name_from_file(self.cleaned_data["file"])
        return workflow.save_picture(self.decoded, digest=self.digest, by=by, now=now, **words)

    def remarks(self) -> list[str]:
        """Return messages about changes made to the upload, for the user."""
        remarks = []
        if self.decoded and self.decoded.was_animated:
            remarks.append(_("Moving pictures distract readers, so only the first image was kept."))
        if self.decoded and self.decoded.was_see_through:
            remarks.append(_("What was see-through is white now, so that it looks alike for all."))
        return remarks


class DropForm(UploadForm):
    """Take a picture dropped into a text; its alt text is asked for there."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in DETAIL_FIELDS:
            self.fields[name].required = False

    def clean(self) -> dict[str, object]:
        self.instance.awaits_alt = True
        return self.cleaned_data

    def store(self, *, by: User | None, now: datetime) -> Picture:
        """Save the picture, or return the one of the library that was uploaded from this file."""
        same = Picture.objects.filter(digest=self.digest).first()
        return same or super().store(by=by, now=now)


class PictureWidget(ForeignKeyRawIdWidget):
    """Choose a picture from the library for a foreign key, with a thumbnail of the current one."""

    def get_context(
        self, name: str, value: object, attrs: dict[str, object] | None
    ) -> dict[str, object]:
        context = super().get_context(name, value, attrs)
        context["link_title"] = _("Choose from the pictures")
        return context

    def label_and_url_for_value(self, value: UUID | str) -> tuple[str, str]:
        label, url = super().label_and_url_for_value(value)
        picture = Picture.objects.filter(pk=value).first() if label else None
        if picture is None:
            return label, url
        image = format_html(
            '<img class="thumbnail" src="{}" width="{}" height="{}" alt="">',
            picture.thumbnail_url, picture.width, picture.height,
        )  # fmt: skip
        return format_html("{} {}", image, label), url
