"""A picture of the library as a field of something else."""

from typing import Any

from django.contrib.admin.widgets import ForeignKeyRawIdWidget
from django.utils.html import format_html
from django.utils.translation import gettext as _

from pages.media.models import Picture


class PictureWidget(ForeignKeyRawIdWidget):
    """Its number with the way to the library, and the picture itself to look at."""

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["link_title"] = _("Choose from the pictures")
        return context

    def label_and_url_for_value(self, value: Any) -> tuple[str, str]:
        label, url = super().label_and_url_for_value(value)
        picture = Picture.objects.filter(pk=value).first() if label else None
        if picture is None:
            return label, url
        image = format_html(
            '<img class="thumb" src="{}" width="{}" height="{}" alt="">',
            picture.small_url, picture.width, picture.height,
        )  # fmt: skip
        return format_html("{} {}", image, label), url
