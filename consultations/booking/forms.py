"""Forms for visitors to request, book, correct and cancel a consultation."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from django import forms
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from consultations.booking import choices, local_time, slot_choice, zones
from consultations.booking.availability import AvailableSlot
from consultations.booking.choices import (
    Audience,
    Channel,
    Interest,
    Meeting,
    RequestKind,
    Voicemail,
)
from consultations.booking.models import is_valid_key, new_idempotency_key
from consultations.booking.slot_choice import SlotChoice
from consultations.booking.submission import RequestDetails, RequestedSlot, SubmissionMeta
from consultations.privacy import consent
from consultations.visitors.forms import (
    EmailField,
    OneLineField,
    PhoneField,
    PlainTextField,
    VisitorForm,
)
from pages.practice.models import Licence, PracticeProfile, Practitioner, Service

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

ELSEWHERE = "elsewhere"
# Questions that nobody has to see: folded under "More, if you like".
MORE_FIELDS = ("service", "audience", "voicemail", "note", "access")
LAST_FIELDS = ("adult", "consent")


def zone_choices(practice_zone: str) -> list[tuple[str, str]]:
    """Return the listed zones with their names, and the practice's, by city."""
    own = [(practice_zone, _zone_label(practice_zone))]
    listed = [(entry.zone, _zone_label(entry.zone)) for entry in zones.zone_entries()]
    return listed if own[0] in listed else [*own, *listed]


def _zone_label(zone: str) -> str:
    name, city = zones.zone_name(zone), zones.zone_city(zone)
    return name if name.startswith(city) else f"{city} ({name})"


def allowed_request_kinds(practice: PracticeProfile) -> list[str]:
    """Return the kinds of request that the practice's status allows now; none if it is closed.

    Booking a time is separate, and possible while the practice accepts clients (see
    ``slot_choice``).
    """
    if practice.accepting == "accepting":
        return [RequestKind.PREFERRED_TIMES, RequestKind.CALL_BACK, RequestKind.WAITLIST]
    return [RequestKind.WAITLIST] if practice.accepting == "waitlist" else []


class ConsultationForm(VisitorForm):
    """A request without a time. Its fields depend on the practice's settings."""

    # The chosen channel decides which of these is required; the page calls neither optional.
    conditional_fields = frozenset({"email", "phone"})

    # First, so that people we may not work with find out before they fill in the form.
    location = forms.ChoiceField(
        label=_("Where will you be during sessions?"),
        help_text=_("Licenses are valid only in certain states."),
        error_messages={"required": _("Choose where you’ll be during sessions")},
    )
    name = OneLineField(
        label=_("Name"),
        help_text=_("Whatever you’d like us to call you. A first name is enough."),
        max_length=100,
        error_messages={"required": _("Enter the name you’d like us to use")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    channel = forms.ChoiceField(
        label=_("Best way to reach you"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how we may reach you")},
    )
    email = EmailField(
        label=_("Email"),
        help_text=_("Needed if we’ll write to you."),
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = PhoneField(
        label=_("Phone"),
        help_text=_("Needed if we’ll call you or send you a text."),
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "tel"}),
    )
    voicemail = forms.ChoiceField(
        label=_("If you miss our call"),
        choices=Voicemail.choices,
        required=False,
        widget=forms.RadioSelect,
        initial=Voicemail.NO,
    )
    service = forms.ChoiceField(
        label=_("Interested in"),
        required=False,
        widget=forms.RadioSelect,
        initial=Interest.NOT_SURE,
    )
    audience = forms.ChoiceField(
        label=_("Who is it for?"),
        help_text=_("For a child, give your own contact details, not the child’s name."),
        choices=Audience.choices,
        required=False,
        widget=forms.RadioSelect,
        initial=Audience.ME,
    )
    practitioner = forms.ChoiceField(label=_("Who would you like to talk to?"), required=False)
    preferred = forms.MultipleChoiceField(
        label=_("Times that suit you"),
        help_text=_("Tick as many as you like."),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-row"}),
    )
    zone = forms.ChoiceField(label=_("Your time zone"), required=False)
    meeting = forms.ChoiceField(
        label=_("How would you like to meet?"), required=False, widget=forms.RadioSelect
    )
    note = PlainTextField(
        label=_("What would you like to talk about?"),
        help_text=_("A sentence or two is plenty. Please leave out medical details."),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off"}),
    )
    access = OneLineField(
        label=_("Access or language needs"),
        help_text=_("For example captions, an interpreter, or a step-free room."),
        required=False,
        max_length=200,
    )
    adult = forms.BooleanField(
        label=_("I am 18 or older"),
        error_messages={"required": _("Tick this to say that you are 18 or older")},
    )
    consent = forms.BooleanField(
        error_messages={"required": _("Tick this so that we may use your answers to reply")},
    )
    kind = forms.ChoiceField(widget=forms.HiddenInput, required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: object,
        practice: PracticeProfile,
        now: datetime,
        carried_service: Service | None = None,
        **options: object,
    ):
        super().__init__(*args, now=now, **options)
        self.practice = practice
        self.carried_service = carried_service
        self.kinds = allowed_request_kinds(practice)
        self._configure_fields()
        self._ensure_key()

    def _configure_fields(self) -> None:
        practice = self.practice
        self._set_choices("kind", [(kind, kind) for kind in self.kinds])
        self._set_choices("channel", practice.channels())
        self._set_choices("meeting", practice.meetings(), keep=len(practice.meetings()) > 1)
        # A function, so that a form sent without a service loads none.
        self.fields["service"].choices = self._service_choices  # type: ignore[attr-defined]
        self._set_choices("location", self._location_choices() if practice.is_licence_bound else [])
        self._set_choices("practitioner", self._practitioner_choices())
        self._set_choices("zone", zone_choices(practice.time_zone))
        # Also for the waiting list: when a time is freed, clients who wanted such times come first.
        says_when = self.request_kind in (RequestKind.PREFERRED_TIMES, RequestKind.WAITLIST)
        self._set_choices("preferred", self._preferred_time_choices(), keep=says_when)
        self.fields["zone"].initial = practice.time_zone
        self.fields["consent"].label = consent.consent_text(
            consent.current_consent_version(practice)
        )
        phone = self.fields["phone"]
        if isinstance(phone, PhoneField):
            phone.region = practice.country
        if not any(value in (Channel.CALL, Channel.TEXT) for value, _label in practice.channels()):
            del self.fields["phone"]
        self._drop_unasked_questions()
        if practice.sees_minors:
            del self.fields["adult"]
        if self.request_kind == RequestKind.WAITLIST:
            self.fields["email"].required = True
            self.fields["email"].error_messages["required"] = _(
                "Enter an email address: we’ll write to it when a spot opens"
            )

    def _drop_unasked_questions(self) -> None:
        """Remove what the practice does not ask, or need not ask here."""
        practice = self.practice
        asked = {
            "voicemail": practice.answers_by_call and practice.asks_voicemail,
            "note": practice.asks_note,
            "access": practice.asks_access,
            "service": practice.asks_service or self.carried_service is not None,
            "audience": practice.asks_audience,
        }
        for name in [name for name, is_asked in asked.items() if not is_asked]:
            self.fields.pop(name, None)
        if self.carried_service is not None:
            self._carry_service(self.carried_service)
        if "audience" in self.fields and not practice.sees_minors:
            self.fields["audience"].help_text = ""
            self.fields["audience"].choices = [  # type: ignore[attr-defined]
                choice for choice in Audience.choices if choice[0] != Audience.CHILD
            ]

    def _carry_service(self, service: Service) -> None:
        """The visitor comes from the page of a service, so which one it is about is known."""
        self.fields["service"].widget = forms.HiddenInput()
        self.initial.setdefault("service", service.slug)
        if not service.is_licence_bound:
            self.fields.pop("location", None)

    def main_fields(self) -> list[forms.BoundField]:
        """Return the fields that everybody sees, the hidden ones and the decoy among them."""
        return [self[name] for name in self.fields if name not in (*self.more_names, *LAST_FIELDS)]

    def more_fields(self) -> list[forms.BoundField]:
        """Return the optional questions under "More, if you like"."""
        return [self[name] for name in self.more_names]

    def last_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in LAST_FIELDS if name in self.fields]

    @property
    def more_names(self) -> list[str]:
        names = [name for name in MORE_FIELDS if name in self.fields]
        return [name for name in names if not self[name].is_hidden]

    def has_more_answers(self) -> bool:
        """Whether an optional question has an error or an answer of its own."""
        return any(
            self[name].errors or (self[name].value() or "") != (self.fields[name].initial or "")
            for name in self.more_names
        )

    def _set_choices(self, name: str, options: Sequence[object], *, keep: bool = True) -> None:
        if not keep or not options:
            del self.fields[name]
            return
        self.fields[name].choices = options  # type: ignore[attr-defined]

    def _service_choices(self) -> list[tuple[str, "_StrOrPromise"]]:
        services = [(row.slug, row.title) for row in self._offered_services()]
        return [(Interest.NOT_SURE, Interest.NOT_SURE.label), *services]

    def _offered_services(self) -> list[Service]:
        return list(Service.objects.published())

    def _location_choices(self) -> list[tuple[str, "_StrOrPromise"]]:
        licensed = dict(
            Licence.objects.shown()
            .order_by("jurisdiction")
            .values_list("jurisdiction_code", "jurisdiction")
        )
        return [("", _("Choose a place")), *licensed.items(), (ELSEWHERE, _("Somewhere else"))]

    @cached_property
    def _bookable_practitioners(self) -> list[Practitioner]:
        return list(Practitioner.objects.bookable())

    def _practitioner_choices(self) -> list[tuple[str, "_StrOrPromise"]]:
        if len(self._bookable_practitioners) < 2:
            return []
        return [
            ("", _("Anyone")),
            *(
                (practitioner.slug, practitioner.name)
                for practitioner in self._bookable_practitioners
            ),
        ]

    def _preferred_time_choices(
        self,
    ) -> list[tuple["_StrOrPromise", list[tuple[str, "_StrOrPromise"]]]]:
        return [
            (
                day_label,
                [(f"{day}-{part}", part_label) for part, part_label in choices.PARTS_OF_DAY],
            )
            for day, day_label in choices.WEEKDAYS
        ]

    @property
    def request_kind(self) -> str:
        """The chosen kind of request, else the first one allowed."""
        asked = self.data.get("kind") if self.is_bound else self.initial.get("kind")
        return str(asked) if asked in self.kinds else next(iter(self.kinds), "")

    def _ensure_key(self) -> None:
        """Set the idempotency key: the same form sent twice makes one request."""
        if not is_valid_key(self.idempotency_key):
            self.renew_key()
        if self.is_bound:
            self.put("kind", self.request_kind)
        else:
            self.initial["kind"] = self.request_kind

    @property
    def idempotency_key(self) -> str:
        return str((self.data if self.is_bound else self.initial).get("key") or "")

    def renew_key(self) -> None:
        if self.is_bound:
            self.put("key", new_idempotency_key())
        else:
            self.initial["key"] = new_idempotency_key()

    def clean_zone(self) -> str:
        return self.cleaned_data["zone"] or self.practice.time_zone

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        channel = cleaned.get("channel")
        asked_email = "email" in cleaned and not cleaned["email"]
        if channel == Channel.EMAIL and asked_email:
            self.add_error("email", _("Enter an email address, so that we can write to you"))
        if channel in (Channel.CALL, Channel.TEXT) and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Enter a phone number, so that we can reach you"))
        if cleaned.get("location") == ELSEWHERE and not self._is_free_of_licenses(cleaned):
            # Refused before anything is stored: we may not answer such a request.
            self.add_error("location", _("We’re not licensed to work with clients there"))
        return cleaned

    def _is_free_of_licenses(self, cleaned: dict[str, object]) -> bool:
        """Whether the chosen service, such as coaching, needs no license where the visitor is."""
        slug = cleaned.get("service") or ""
        return Service.objects.published().filter(slug=slug, is_licence_bound=False).exists()

    @property
    def is_out_of_area(self) -> bool:
        """Whether we are not licensed there; the page then suggests where else to look."""
        return self.is_bound and self.data.get("location") == ELSEWHERE

    def details(self) -> RequestDetails:
        """Return the cleaned answers."""
        return RequestDetails(
            kind=self.request_kind,
            name=self.answer("name"),
            channel=self.answer("channel"),
            email=self.answer("email"),
            phone=self.answer("phone"),
            voicemail=self.answer("voicemail") or Voicemail.NO,
            location=self.answer("location"),
            service=self.answer("service") or Interest.NOT_SURE,
            audience=self.answer("audience") or Audience.ME,
            meeting=self.answer("meeting"),
            note=self.answer("note"),
            access_needs=self.answer("access"),
            preferred=list(self.cleaned_data.get("preferred") or []),
            is_adult=bool(self.cleaned_data.get("adult")),
            zone=self.answer("zone") or self.practice.time_zone,
            practitioner=self._wanted_practitioner(),
        )

    def _wanted_practitioner(self) -> Practitioner | None:
        """Return the chosen practitioner, or the only one."""
        slug = self.answer("practitioner")
        chosen = [row for row in self._bookable_practitioners if row.slug == slug]
        only = self._bookable_practitioners if len(self._bookable_practitioners) == 1 else []
        return next(iter(chosen or only), None)

    @cached_property
    def submission_meta(self) -> SubmissionMeta:
        return SubmissionMeta(
            key=self.cleaned_data["key"],
            consent_version=consent.current_consent_version(self.practice),
            suspicions=self.suspicions(),
        )


class EmailCorrectionForm(forms.Form):
    """Correct the email address on the private page."""

    email = EmailField(
        label=_("Your email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Enter an email address, like name@example.com")},
    )


class CancelForm(forms.Form):
    reason = PlainTextField(
        label=_("Would you like to tell us why?"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3, "autocomplete": "off"}),
    )


class SlotForm(ConsultationForm):
    """Book a chosen time: fewer questions; time, zone and type are hidden fields."""

    type = forms.CharField(widget=forms.HiddenInput, required=False)
    start = forms.CharField(
        label=_("Choose another time"),
        required=True,
        error_messages={"required": _("Choose a time")},
        widget=forms.HiddenInput,
    )

    def __init__(
        self,
        *args: object,
        practice: PracticeProfile,
        now: datetime,
        choice: SlotChoice,
        alternatives: Sequence[AvailableSlot] = (),
        fixed_meeting: str = "",
        carried_service: Service | None = None,
        **options: object,
    ):
        self.choice = choice
        self.alternatives = alternatives
        self.fixed_meeting = fixed_meeting  # how to meet, if chosen together with the time
        super().__init__(
            *args, practice=practice, now=now, carried_service=carried_service, **options
        )
        self._reduce_fields()

    @property
    def request_kind(self) -> str:
        return RequestKind.SLOT

    def _practitioner_choices(self) -> list[tuple[str, "_StrOrPromise"]]:
        return []  # chosen earlier, together with the time

    def _offered_services(self) -> list[Service]:
        # One that is full has its own waiting list.
        return [row for row in super()._offered_services() if row.is_open(self.practice)]

    def _email_hint(self) -> "_StrOrPromise":
        if self.only_way == Meeting.VIDEO:
            return _("For your video link and a reminder. The subject line stays discreet.")
        return _("For your confirmation and a reminder. The subject line stays discreet.")

    def _reduce_fields(self) -> None:
        for name in ("channel", "preferred"):
            self.fields.pop(name, None)
        self._set_choices("kind", [(RequestKind.SLOT, RequestKind.SLOT)])
        for name, value in (("zone", self.choice.zone), ("practitioner", self.choice.practitioner)):
            self.fields[name] = forms.CharField(widget=forms.HiddenInput, required=False)
            self.initial[name] = value
        self.initial["type"] = self.choice.type.slug
        self._set_meeting_field()
        email = self.fields["email"]
        email.required, email.help_text = True, self._email_hint()
        email.error_messages["required"] = _("Enter an email address for your confirmation")
        if "phone" in self.fields:
            self.fields["phone"].help_text = (
                _("We’ll call you at this number.")
                if self.only_way == Meeting.PHONE
                else _("Needed if we talk by phone.")
            )
        if self.alternatives:
            self.fields["start"] = self._alternatives_field()
        self.order_fields(["start", "name", "email", "meeting", "phone", "location"])

    def _set_meeting_field(self) -> None:
        """Ask how to meet, unless there is one way or it was chosen together with the time."""
        ways = self.choice.type.meetings()
        self.fields.pop("meeting", None)
        is_known = bool(self.fixed_meeting) or len(ways) < 2
        self.only_way = (self.fixed_meeting or (ways[0][0] if ways else "")) if is_known else ""
        if self.only_way == Meeting.PHONE and "phone" in self.fields:
            self.fields["phone"].required = True
        elif is_known:
            # We ask for a number only where we call.
            self.fields.pop("phone", None)
            self.fields.pop("voicemail", None)
        if len(ways) < 2:
            return
        self.fields["meeting"] = forms.ChoiceField(
            label=_("How would you like to talk?"),
            choices=ways,
            widget=forms.HiddenInput if self.fixed_meeting else forms.RadioSelect,
            error_messages={"required": _("Choose how you’d like to talk")},
        )
        if self.fixed_meeting:
            self.initial.setdefault("meeting", self.fixed_meeting)

    def clean_zone(self) -> str:
        return self.choice.zone

    def clean(self) -> dict[str, object]:
        cleaned = super().clean()
        wants_phone = (cleaned.get("meeting") or self.only_way) == Meeting.PHONE
        if wants_phone and "phone" in cleaned and not cleaned["phone"]:
            self.add_error("phone", _("Enter the phone number that we may call"))
        return cleaned

    @property
    def start_at(self) -> datetime | None:
        """The chosen instant; None if the value sent is not a valid start."""
        sent = self.data.get("start") if self.is_bound else self.initial.get("start")
        return slot_choice.parse_start(str(sent or ""))

    @property
    def requested_slot(self) -> RequestedSlot | None:
        """The time that the cleaned form asks for; None if the start is invalid."""
        if self.start_at is None:
            return None
        zone = self.details().zone
        return RequestedSlot(
            type=self.choice.type,
            practitioners=self.choice.practitioners,
            start_at=self.start_at,
            promised_time=local_time.format_datetime_in_zone(self.start_at, zone),
        )

    def with_alternatives(self, times: Sequence[AvailableSlot]) -> "SlotForm":
        """Return a new form that offers other times in place of the one that is taken.

        It keeps the key and everything typed. It is unbound, because nothing typed is wrong.
        """
        answers = {name: self[name].value() for name in self.fields}
        return SlotForm(
            practice=self.practice,
            now=self.now,
            choice=self.choice,
            alternatives=times,
            fixed_meeting=self.fixed_meeting,
            carried_service=self.carried_service,
            initial={**answers, "start": ""},
        )

    def _alternatives_field(self) -> forms.ChoiceField:
        zone = self.choice.zone
        return forms.ChoiceField(
            label=_("Choose another time"),
            choices=[
                (
                    slot_choice.format_start(slot.start),
                    local_time.format_datetime_in_zone(slot.start, zone),
                )
                for slot in self.alternatives
            ],
            widget=forms.RadioSelect,
        )

    def details(self) -> RequestDetails:
        meeting = self.answer("meeting") or self.only_way
        by_phone = meeting == Meeting.PHONE and self.answer("phone")
        return replace(
            super().details(),
            channel=Channel.CALL if by_phone else Channel.EMAIL,
            meeting=meeting,
            # For a meeting in person our zone applies, in emails too.
            zone=self.choice.home_zone if meeting == Meeting.IN_PERSON else self.choice.zone,
        )

    def _wanted_practitioner(self) -> None:
        return None  # the time decides who it is
