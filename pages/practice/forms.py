"""The form of a practitioner: a portrait can be uploaded and cut right there."""

import hashlib
from dataclasses import replace
from datetime import datetime

from django import forms
from django.contrib.auth.models import User
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.media import decoding, workflow
from pages.media.forms import ACCEPTED_TYPES
from pages.media.models import Picture
from pages.practice.people import Practitioner
from pages.practice.portraits import Crop


class PractitionerForm(forms.ModelForm):
    """Edit a person, and upload a portrait into the picture library."""

    portrait_file = forms.FileField(
        label=gettext_lazy("Upload a portrait"),
        required=False,
        widget=forms.FileInput(attrs={"accept": ",".join(ACCEPTED_TYPES)}),
        help_text=gettext_lazy(
            "JPEG, PNG, WebP, AVIF or GIF, up to 20 MB. It is cut to a square and added to your "
            "pictures. Where and when it was taken is removed."
        ),
    )
    crop = forms.CharField(
        required=False,
        widget=forms.HiddenInput(
            attrs={
                "data-zoom": gettext_lazy("Closer"),
                "data-x": gettext_lazy("Left or right"),
                "data-y": gettext_lazy("Up or down"),
                "data-preview": gettext_lazy("The portrait as it will be cut"),
                "data-help": gettext_lazy("Drag the picture, or use the sliders."),
            }
        ),
    )

    class Meta:
        model = Practitioner
        fields = ["portrait"]  # the admin derives its form, with its own list of fields

    def clean_portrait_file(self) -> UploadedFile | None:
        file: UploadedFile | None = self.cleaned_data["portrait_file"]
        if not file:
            return None
        if (file.size or 0) > decoding.MAX_BYTES:
            raise forms.ValidationError(decoding.file_too_large_message())
        data = file.read()
        try:
            self.decoded = decoding.decode_picture(data)
        except decoding.InvalidPicture as refused:
            raise forms.ValidationError(str(refused)) from None
        self.digest = hashlib.sha256(data).hexdigest()
        return file

    def store_portrait(self, *, by: User, now: datetime) -> Picture | None:
        """Save the uploaded portrait of a valid form; None without one."""
        if not self.cleaned_data.get("portrait_file"):
            return None
        name = self.cleaned_data.get("name") or self.instance.name
        words = _("Portrait of %(name)s") % {"name": name}
        square = Crop.parse(self.cleaned_data.get("crop", "")).cut(self.decoded.image)
        return workflow.save_picture(
            replace(self.decoded, image=square),
            digest=self.digest,
            name=words[: workflow.MAX_NAME_CHARS],
            alt=words,
            by=by,
            now=now,
        )
