"""Admin pages of the media library."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from pages import desk
from pages.media import workflow
from pages.media.forms import DETAIL_FIELDS, PictureDetailsForm, UploadForm
from pages.media.models import Picture
from pages.media.usage import PictureUse, find_picture_uses, find_used_pictures
from pages.media.views import describe_picture, picture_picker, upload_picture

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec
    from django.utils.functional import _StrOrPromise

THUMBNAIL_HTML = '<img class="thumbnail" src="{}" width="{}" height="{}" alt="" loading="lazy">'


class UseFilter(admin.SimpleListFilter):
    """Filter pictures by whether they are used anywhere."""

    title = _("use")
    parameter_name = "use"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin
    ) -> "list[tuple[str, _StrOrPromise]]":
        return [("no", _("not used anywhere")), ("yes", _("in use"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> QuerySet[Picture]:
        if self.value() == "no":
            return queryset.exclude(pk__in=find_used_pictures())
        if self.value() == "yes":
            return queryset.filter(pk__in=find_used_pictures())
        return queryset


@admin.register(Picture)
class PictureAdmin(admin.ModelAdmin):
    list_display = ["thumbnail", "name", "described", "uploaded_at"]
    list_display_links = ["thumbnail", "name"]
    list_filter = [UseFilter, "is_decorative", "awaits_alt"]
    list_per_page = 48
    search_fields = ["name", "alt", "caption", "credit"]
    readonly_fields = ["preview", "size", "state", "uses"]
    delete_confirmation_template = "admin/pages/picture/delete_confirmation.html"
    delete_selected_confirmation_template = "admin/pages/picture/delete_selected_confirmation.html"

    def is_theirs(self, request: HttpRequest, obj: Picture | None) -> bool:
        """Return whether the user uploaded this picture, or may change everyone's pictures."""
        if obj is None or request.user.has_perm("pages.change_everybodys_picture"):
            return True
        return bool(obj.uploaded_by_id == request.user.pk)

    def has_change_permission(self, request: HttpRequest, obj: Picture | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Picture | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Picture | None:
        """Attach the request, so that `uses` only links to pages that the user may open."""
        picture = super().get_object(request, object_id, from_field)
        if picture is not None:
            picture.seen_in = request
        return picture

    def get_urls(self) -> list[URLPattern]:
        window = self.admin_site.admin_view(self.picker)
        wrap = self.admin_site.admin_view
        return [
            path("picker/", window, name="pages_picture_picker"),
            path("upload/", wrap(upload_picture), name="pages_picture_upload"),
            path("describe/", wrap(describe_picture), name="pages_picture_describe"),
            *super().get_urls(),
        ]

    def picker(self, request: HttpRequest) -> HttpResponse:
        return picture_picker(request, self.admin_site)

    def get_form(
        self,
        request: HttpRequest,
        obj: Picture | None = None,
        change: bool = False,
        **kwargs: object,
    ) -> type[forms.ModelForm]:
        kwargs["form"] = PictureDetailsForm if obj else UploadForm
        return super().get_form(request, obj, change=change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Picture | None = None) -> "_FieldsetSpec":
        words = ["alt", "is_decorative", "caption", "credit", "focus", "name"]
        if obj is None:
            return [(None, {"fields": ["file", *words]})]
        return [
            (None, {"fields": ["preview", *words]}),
            (_("Where it stands"), {"fields": ["uses"]}),
            (_("The file"), {"fields": ["size", "state"]}),
        ]

    def save_form(self, request: HttpRequest, form: PictureDetailsForm, change: bool) -> Picture:
        if change:
            return super().save_form(request, form, change)
        for remark in cast("UploadForm", form).remarks():
            messages.info(request, remark)
        return cast("UploadForm", form).store(by=cast("User", request.user), now=timezone.now())

    def save_model(
        self, request: HttpRequest, obj: Picture, form: PictureDetailsForm, change: bool
    ) -> None:
        if change:
            # The worker may have made the sizes since this page was opened; keep their state.
            obj.save(update_fields=DETAIL_FIELDS)

    def save_related(
        self,
        request: HttpRequest,
        form: PictureDetailsForm,
        formsets: Sequence[forms.BaseFormSet],
        change: bool,
    ) -> None:
        """Do nothing: there are no related objects.

        Django would call `save_m2m()`, which the form lacks because it did not save itself.
        """

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        workflow.delete_picture(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        for picture in queryset:
            workflow.delete_picture(picture)

    def get_deleted_objects(  # type: ignore[override]
        self, objs: Iterable[Picture], request: HttpRequest
    ) -> tuple[
        list[tuple[str, str]],
        "dict[_StrOrPromise | None, int]",
        "set[_StrOrPromise | None]",
        list[str],
    ]:
        """List the places that use the pictures, instead of related objects to be deleted."""
        pictures = list(objs)
        uses = [
            (str(picture), f"{use.kind}: {use.title} ({use.place})")
            for picture in pictures
            for use in find_picture_uses(picture)
        ]
        needed = set() if self.has_delete_permission(request) else {self.opts.verbose_name}
        return uses, {self.opts.verbose_name_plural: len(pictures)}, needed, []

    @admin.display(description=_("picture"))
    def thumbnail(self, picture: Picture) -> SafeString:
        return format_html(THUMBNAIL_HTML, picture.thumbnail_url, picture.width, picture.height)

    @admin.display(description=_("picture"))
    def preview(self, picture: Picture) -> SafeString:
        return format_html(
            THUMBNAIL_HTML.replace("thumbnail", "thumbnail-large"),
            picture.first_url,
            picture.width,
            picture.height,
        )

    @admin.display(description=_("description"))
    def described(self, picture: Picture) -> "_StrOrPromise":
        if picture.awaits_alt:
            return _("not described yet")
        return _("decorative") if picture.is_decorative else picture.alt

    @admin.display(description=_("size"))
    def size(self, picture: Picture) -> str:
        return f"{picture.width} × {picture.height}"

    @admin.display(description=_("sizes"))
    def state(self, picture: Picture) -> str:
        return picture.get_variants_display()

    @admin.display(description=_("used in"))
    def uses(self, picture: Any) -> "_StrOrPromise":
        uses = find_picture_uses(picture)
        if not uses:
            return _("Nowhere yet.")
        shown = [use for use in uses if self._can_open(picture.seen_in, use)]
        rest = len(uses) - len(shown)
        words = ngettext(
            "%(n)d place that others look after", "%(n)d places that others look after", rest
        )
        return format_html(
            '<ul class="plain">{}{}</ul>',
            format_html_join(
                "",
                '<li><a href="{}">{}: {}</a> ({})</li>',
                ((use.url, use.kind, use.title, use.place) for use in shown),
            ),
            format_html("<li>{}</li>", words % {"n": rest}) if rest else "",
        )

    def _can_open(self, request: HttpRequest, use: PictureUse) -> bool:
        kind = type(use.row)
        if not self.admin_site.is_registered(kind):
            return False
        return bool(self.admin_site.get_model_admin(kind).has_view_permission(request, use.row))


desk.register(
    "website",
    _("Pictures"),
    40,
    model=Picture,
    add_label=_("Upload a picture"),
    empty=_("Pictures you upload can be used in articles, on pages and as portraits."),
)
