"""Say where a call takes place: who calls whom, and the link or address of a confirmed call."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from consultations.booking.choices import Meeting
from consultations.booking.models import Consultation
from consultations.booking.states import Status
from consultations.privacy.encryption import DecryptionError
from pages.practice.models import PracticeProfile
from pages.text.outline import non_empty_lines

NO_LINK, NO_ADDRESS = "link", "address"


@dataclass(frozen=True)
class MeetingPlace:
    """Where a call takes place. Link and address are empty unless the call is confirmed."""

    sentence: str  # for the client
    staff_sentence: str
    video_url: str = ""
    address_lines: tuple[str, ...] = ()
    missing: str = ""  # what staff still have to add: NO_LINK, NO_ADDRESS or nothing

    @property
    def location(self) -> str:
        """The place for a calendar file, on one line."""
        return self.video_url or ", ".join(self.address_lines)

    @property
    def video_host(self) -> str:
        """The link without its scheme, to read."""
        return self.video_url.removeprefix("https://")

    @property
    def text(self) -> str:
        """Everything for the client, as plain text."""
        if self.video_url:
            join = _("Join by video: %(url)s") % {"url": self.video_url}
            return f"{self.sentence}\n{join}"
        return "\n".join([self.sentence, *self.address_lines])


def describe_place(
    consultation: Consultation, practice: PracticeProfile, with_whom: str
) -> MeetingPlace:
    """Describe where a call takes place. A hidden address is told once the call is confirmed."""
    is_confirmed = consultation.status == Status.CONFIRMED
    name = {"name": with_whom}
    match consultation.meeting:
        case Meeting.PHONE:
            return _phone_place(consultation, practice, with_whom)
        case Meeting.VIDEO:
            url = call_video_url(consultation)
            return MeetingPlace(
                _("%(name)s will meet you by video.") % name,
                _("By video."),
                video_url=url if is_confirmed else "",
                missing="" if url else NO_LINK,
            )
        case Meeting.IN_PERSON:
            lines = tuple(non_empty_lines(practice.address))
            at_address = _("%(name)s will meet you in person at:") % name
            without = _("%(name)s will meet you in person.") % name
            return MeetingPlace(
                at_address if is_confirmed and lines else without,
                _("In person."),
                address_lines=lines if is_confirmed else (),
                missing="" if lines else NO_ADDRESS,
            )
    return MeetingPlace(_("You’ll talk with %(name)s.") % name, "")


def call_video_url(consultation: Consultation) -> str:
    """Return the call's own video link, or else the practitioner's; "" if there is none."""
    try:
        own = consultation.video_url
    except DecryptionError:
        own = ""
    practitioner = consultation.practitioner
    return own or (practitioner.video_url if practitioner else "")


def _phone_place(
    consultation: Consultation, practice: PracticeProfile, with_whom: str
) -> MeetingPlace:
    values = {"name": with_whom, "phone": practice.phone}
    if _has_phone(consultation):
        sentence = _("%(name)s will call you at the number you gave us.") % values
        if practice.phone:
            sentence += " " + _("If you miss the call, you can reach us at %(phone)s.") % values
        return MeetingPlace(sentence, _("By phone: you call the client."))
    if practice.phone:
        sentence = _("Please call %(name)s at %(phone)s.") % values
        return MeetingPlace(sentence, _("By phone: the client calls you."))
    return MeetingPlace(_("You’ll talk with %(name)s by phone.") % values, _("By phone."))


def _has_phone(consultation: Consultation) -> bool:
    try:
        return bool(consultation.phone)
    except DecryptionError:
        return True
