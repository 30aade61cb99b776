"""Admin of the practice, its people, services, fees, questions and crisis lines."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages import desk
from pages.editor.admin import EditorMixin
from pages.practice import places
from pages.practice.forms import PractitionerForm
from pages.practice.models import (
    CrisisLine,
    Fee,
    FrequentQuestion,
    Holiday,
    Licence,
    OpeningHours,
    PracticeProfile,
    Practitioner,
    Referral,
    Service,
    SocialLink,
)
from pages.row_order import OrderedAdmin, next_order
from pages.staff_pages import get_staff_user

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldsetSpec

# A URL typed without its scheme means https.
URL_FIELD_OVERRIDES: Mapping[type[models.Field], Mapping[str, object]] = {
    models.URLField: {"assume_scheme": "https"}
}


class TimeZoneMixin(admin.ModelAdmin):
    """Offer time zones in a select instead of a text box."""

    def formfield_for_dbfield(
        self, db_field: models.Field, request: HttpRequest, **kwargs: object
    ) -> forms.Field | None:
        if db_field.name != "time_zone":
            return super().formfield_for_dbfield(db_field, request, **kwargs)
        blank = [("", "---------")] if db_field.blank else []
        return forms.ChoiceField(
            label=db_field.verbose_name,
            help_text=db_field.help_text,
            required=not db_field.blank,
            choices=[*blank, *places.time_zone_choices()],
        )


class OpeningHoursInline(admin.TabularInline):
    model = OpeningHours
    extra = 1


class HolidayInline(admin.TabularInline):
    model = Holiday
    extra = 1


class SocialLinkInline(admin.TabularInline):
    model = SocialLink
    extra = 0
    formfield_overrides = URL_FIELD_OVERRIDES


@admin.register(PracticeProfile)
class PracticeProfileAdmin(TimeZoneMixin):
    inlines = [OpeningHoursInline, HolidayInline, SocialLinkInline]
    raw_id_fields = ["office_picture"]
    fieldsets = [
        (_("New people"), {"fields": ["accepting"]}),
        (
            _("Who we are"),
            {"fields": ["name", "tagline", "discreet_name", "email", "phone"]},
        ),
        (
            _("Where we are"),
            {
                "fields": [
                    "address",
                    "address_is_hidden",
                    "directions",
                    "office_picture",
                    "area_served",
                    "country",
                    "time_zone",
                    "currency",
                ]
            },
        ),
        (_("Home page"), {"fields": ["home_kicker", "home_heading", "home_lead", "concerns"]}),
        (
            _("Consultations"),
            {
                "fields": [
                    "reply_within_days",
                    "apologizes_when_late",
                    ("answers_by_email", "answers_by_call", "answers_by_text"),
                    ("meets_by_phone", "meets_by_video", "meets_in_person"),
                    "is_licence_bound",
                    "sees_minors",
                    "asks_note",
                    "asks_service",
                    "asks_audience",
                    "asks_access",
                    "asks_voicemail",
                    "reminds_twice",
                    "reference_prefix",
                ]
            },
        ),
        (
            _("Comments"),
            {
                "fields": [
                    "comments_are_on",
                    ("comments_close_by_age", "comments_close_after_days"),
                    "comment_reply_days",
                    ("comment_notice", "comment_notice_hour"),
                    "comment_notice_email",
                ]
            },
        ),
        (_("Feeds"), {"fields": ["feeds_are_full"]}),
        (
            _("Notices"),
            {
                "fields": [
                    "covered_entity",
                    "shows_good_faith_estimate",
                    "follows_gdpr",
                    "has_imprint",
                    "demo_notice",
                ]
            },
        ),
    ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Open the form of the one practice instead of a list with one row."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if PracticeProfile.objects.filter(pk=1).exists():
            return HttpResponseRedirect(reverse("admin:pages_practiceprofile_change", args=[1]))
        return HttpResponseRedirect(reverse("admin:pages_practiceprofile_add"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not PracticeProfile.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False


# Fields of a practitioner that only those who manage staff may change.
STAFF_MANAGED_FIELDS = frozenset(
    {"user", "is_bookable", "organizer_email", "discreet_name", "time_zone", "video_url"}
)

UPLOAD_FIELDS = frozenset({"portrait_file", "crop"})


class LicenceInline(admin.StackedInline):
    model = Licence
    extra = 0
    formfield_overrides = URL_FIELD_OVERRIDES
    fields = [
        ("title", "number"),
        ("jurisdiction", "jurisdiction_code"),
        ("board", "register_url"),
        ("status", "expires_on"),
    ]


@admin.register(Practitioner)
class PractitionerAdmin(OrderedAdmin, TimeZoneMixin, EditorMixin):
    list_display = ["name", "credentials", "is_published", "is_bookable"]
    list_filter = ["is_published", "is_bookable"]
    search_fields = ["name"]
    prepopulated_fields = {"slug": ["name"]}
    raw_id_fields = ["portrait"]
    formfield_overrides = {**EditorMixin.formfield_overrides, **URL_FIELD_OVERRIDES}
    inlines = [LicenceInline]
    fieldsets = [
        (None, {"fields": ["name", "slug", "pronouns", "role", "credentials", "supervisor"]}),
        (_("Portrait"), {"fields": ["portrait_file", "crop", "portrait"]}),
        (_("What visitors read"), {"fields": ["intro", "about_me", "approach", "what_to_expect"]}),
        (
            _("Who you work with"),
            {"fields": ["accepting", "specialties", "methods", "languages", "ages", "insurance"]},
        ),
        (_("Training"), {"fields": ["training"]}),
        (
            _("Consultations"),
            {"fields": ["is_bookable", "discreet_name", "organizer_email", "video_url"]},
        ),
        (_("Site"), {"fields": ["is_published", "time_zone", "user"]}),
    ]

    class Media:
        css = {"all": ["admin/portrait_crop.css"]}
        js = ["admin/portrait_crop.js"]

    def get_form(
        self,
        request: HttpRequest,
        obj: models.Model | None = None,
        change: bool = False,
        **kwargs: object,
    ) -> type[forms.ModelForm]:
        # Fields that a form declares are in it even where no fieldset shows them.
        if request.user.has_perm("pages.add_picture"):
            kwargs["form"] = PractitionerForm
        return super().get_form(request, obj, change=change, **kwargs)

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: forms.ModelForm, change: bool
    ) -> None:
        """Use the uploaded portrait, if there is one, instead of the chosen picture."""
        if isinstance(form, PractitionerForm) and isinstance(obj, Practitioner):
            picture = form.store_portrait(by=get_staff_user(request), now=timezone.now())
            obj.portrait = picture or obj.portrait
        super().save_model(request, obj, form, change)

    def formfield_for_foreignkey(
        self, db_field: models.ForeignKey, request: HttpRequest, **kwargs: object
    ) -> forms.ModelChoiceField | None:
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name == "user" and field is not None and field.queryset is not None:
            field.queryset = field.queryset.filter(is_staff=True)
        return field

    def get_fieldsets(
        self, request: HttpRequest, obj: models.Model | None = None
    ) -> "_FieldsetSpec":
        """Hide fields of accounts and consultations from users who may not manage staff accounts.

        Linking one's own login to a practitioner would open that person's consultations.
        """
        fieldsets = super().get_fieldsets(request, obj)
        hidden: set[str] = set()
        if not request.user.has_perm("auth.change_user"):
            hidden |= STAFF_MANAGED_FIELDS
        if not request.user.has_perm("pages.add_picture"):
            hidden |= UPLOAD_FIELDS
        allowed: _FieldsetSpec = [
            (
                title,
                {
                    **facts,
                    "fields": [name for name in facts["fields"] if name not in hidden],
                },
            )
            for title, facts in fieldsets
        ]
        return [(title, facts) for title, facts in allowed if facts["fields"]]

    def view_on_site(self, practitioner: Practitioner) -> str | None:
        return practitioner.get_absolute_url() if practitioner.is_published else None


class FeeInline(admin.TabularInline):
    model = Fee
    extra = 0
    exclude = ["order"]


@admin.register(Service)
class ServiceAdmin(OrderedAdmin, EditorMixin):
    list_display = ["title", "minutes", "accepting", "is_published"]
    list_filter = ["is_published", "accepting"]
    search_fields = ["title"]
    prepopulated_fields = {"slug": ["title"]}
    inlines = [FeeInline]
    fieldsets = [
        (None, {"fields": ["title", "slug", "summary", "who_for", "body", "disclaimer"]}),
        (_("Facts"), {"fields": ["minutes", "formats", "is_licence_bound"]}),
        (_("Site"), {"fields": ["accepting", "is_published"]}),
    ]

    def save_formset(
        self,
        request: HttpRequest,
        form: forms.ModelForm,
        formset: forms.BaseModelFormSet,
        change: bool,
    ) -> None:
        """Put the fees that were added below the others."""
        for fee_form in formset.extra_forms:
            fee_form.instance.order = next_order(Fee.objects.all())
        super().save_formset(request, form, formset, change)

    def view_on_site(self, service: Service) -> str | None:
        return service.get_absolute_url() if service.is_published else None


@admin.register(Fee)
class FeeAdmin(OrderedAdmin):
    list_display = ["label", "service", "minutes", "amount", "is_sliding"]
    exclude = ["order"]
    list_filter = ["service", "is_sliding"]
    list_select_related = ["service"]


@admin.register(FrequentQuestion)
class FrequentQuestionAdmin(OrderedAdmin, EditorMixin):
    list_display = ["question", "is_on_home", "is_on_fees"]
    list_filter = ["is_on_home"]
    search_fields = ["question"]
    prepopulated_fields = {"slug": ["question"]}
    fields = ["question", "slug", "answer", "is_on_home", "is_on_fees"]


@admin.register(CrisisLine)
class CrisisLineAdmin(OrderedAdmin):
    order_within = ["country"]
    list_display = ["name", "country", "kind", "phone", "sms_number", "hours"]
    list_filter = ["country", "kind"]
    formfield_overrides = URL_FIELD_OVERRIDES
    fieldsets = [
        (
            None,
            {
                "fields": ["country", "kind", "name", "phone", "hours", "url"],
                "description": _(
                    "Until you add a line for your country, the site shows the lines it came with. "
                    "Your own lines replace them. Its emergency number stays until you add yours."
                ),
            },
        ),
        (_("Text messages"), {"fields": ["sms_number", "sms_text"]}),
    ]


@admin.register(Referral)
class ReferralAdmin(OrderedAdmin):
    list_display = ["name", "what_for", "how_to_reach"]
    exclude = ["order"]


desk.register("practice", _("Details"), 10, model=PracticeProfile)
desk.register(
    "practice",
    _("Team"),
    30,
    model=Practitioner,
    add_label=_("Add a person"),
    empty=_("Add the people clients can meet here."),
)
desk.register(
    "practice",
    _("Services"),
    40,
    model=Service,
    add_label=_("Add a service"),
    empty=_("Say what you offer. Each service has a page of its own."),
)
desk.register(
    "practice",
    _("Fees"),
    50,
    model=Fee,
    add_label=_("Add a fee"),
    empty=_("Say what a session costs; it is what people look for first."),
)
desk.register(
    "practice",
    _("FAQ"),
    60,
    model=FrequentQuestion,
    add_label=_("Add a question"),
    empty=_("Answer what people ask you most often."),
)
desk.register(
    "practice",
    _("Crisis lines"),
    70,
    model=CrisisLine,
    add_label=_("Add a crisis line"),
    empty=_("The site shows the lines for your country. Your own lines replace them."),
)
desk.register(
    "practice",
    _("Referral list"),
    80,
    model=Referral,
    add_label=_("Add a referral"),
    empty=_("People and places you can suggest when you decline a request."),
)
