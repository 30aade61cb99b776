"""A practice with, of every kind of row, one that belongs to the user and one to a colleague."""

from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.models import Group, User
from django.utils import timezone

from consultations.accounts import roles
from consultations.accounts.models import Invitation
from consultations.audit import workflow as audit
from consultations.audit.models import AuditEntry
from consultations.booking.calendars.models import BusySource
from consultations.booking.hours import PractitionerHours
from consultations.booking.models import Consultation
from consultations.data_rights.models import Tombstone
from consultations.email_texts.models import EmailText
from consultations.privacy import durable_keys
from consultations.screening.models import ScreeningSettings
from consultations.transfer.models import WordPressImport
from pages.look.models import Look
from pages.practice.models import Referral
from pages.publishing.models import ReusableBlock, Status
from pages.publishing.redirects import Redirect
from pages.search.models import SearchSynonyms
from pages.site_pages.menus import MenuEntry
from pages.site_pages.models import FreePage
from tests.consultations.accounts.permission_table import (
    ALL_CALLS_STAFF,
    CALL_STAFF,
    CONTENT_EDITORS,
    LETTERS,
    MODERATORS,
    OWNERS,
)
from tests.factories.booking import make_open_practitioner, make_type
from tests.factories.consultations import (
    make_comment,
    make_consultation,
    make_email,
    make_staff,
    make_staff_with_roles,
)
from tests.factories.pages import (
    make_article,
    make_category,
    make_crisis_line,
    make_fee,
    make_practice,
    make_question,
    make_service,
    make_site_page,
    make_tag,
)
from tests.factories.pictures import make_picture

SHARED_EMAIL = "the.same@person.example"  # used for requests to both practitioners
RowPairs = dict[str, tuple[Any, Any]]


@dataclass
class Practice:
    user: User  # who is signed in
    letter: str
    rows: RowPairs = field(default_factory=dict)
    # Texts that only these kinds of staff (letters) may see on any page.
    secrets: list[tuple[str, str]] = field(default_factory=list)


def make_member_for_letter(letter: str) -> User:
    if letter == "s":
        return make_staff()
    return make_staff_with_roles(*([LETTERS[letter]] if LETTERS[letter] else []))


def make_practice_for_letter(letter: str) -> Practice:
    now = timezone.now()
    make_practice()
    durable_keys.load_key(
        durable_keys.ERASURE_PURPOSE, make=True
    )  # as if something had been erased before
    user, colleague, boss = (
        make_member_for_letter(letter),
        make_staff_with_roles("practitioner"),
        make_staff(),
    )
    mine = make_open_practitioner(user=user, name="Mine Person", slug="mine-person")
    theirs = make_open_practitioner(user=colleague, name="Their Person", slug="their-person")
    common: dict[str, Any] = {"now": now, "email": SHARED_EMAIL}
    own = make_consultation(practitioner=mine, name="Quirina Own", note="Ownwords", **common)
    other = make_consultation(practitioner=theirs, name="Xanthippe", note="Theirwords", **common)
    nobodys = make_consultation(
        kind="waitlist",
        name="Yolanda",
        preferred=["mon-morning"],
        **{**common, "email": "y@x.example"},
    )
    article = make_article(author=mine, begun_by=user)
    draft = make_article(author=theirs, title="Hush a draft", status=Status.DRAFT)
    comment = make_comment(article=article, text="Zwetschge in a comment", now=now)
    for who in (user, colleague):
        audit.record(action="looked", by=who, model="", uuid=None, now=now)
    entries = AuditEntry.objects.order_by("number")
    sources = [
        BusySource.objects.create(
            practitioner=person, label=f"Of {person.slug}", address="https://a.example/"
        )
        for person in (mine, theirs)
    ]
    hours = [PractitionerHours.objects.get(pk=person.pk) for person in (mine, theirs)]
    group = Group.objects.create(name="Book club")
    block = ReusableBlock.objects.create(name="Closing", slug="closing", kind="words")
    page = FreePage.objects.create(title="Parking", slug="parking", body="<p>Behind.</p>")
    single: dict[str, Any] = {
        "pages_category": make_category(),
        "pages_tag": make_tag(),
        "pages_service": make_service(),
        "pages_fee": make_fee(),
        "pages_frequentquestion": make_question(),
        "pages_crisisline": make_crisis_line(),
        "pages_redirect": Redirect.objects.create(old_path="/old/", new_path="/new/"),
        "pages_referral": Referral.objects.create(name="Elm Clinic", how_to_reach="503-555-0147"),
        "pages_reusableblock": block,
        "pages_sitepage": make_site_page(),
        "pages_freepage": page,
        "pages_menuentry": MenuEntry.objects.create(place="header", page="about"),
        "pages_practitioner": theirs,
        "pages_searchsynonyms": SearchSynonyms.objects.create(pk=1),
        "pages_practiceprofile": make_practice(),
        "pages_look": Look.objects.create(profile_id=1),
        "consultations_consultationtype": make_type(),
        "consultations_comment": comment,
        "consultations_invitation": Invitation.objects.create(
            address="joins@mail.example", name="Joins", created_at=now, expires_at=now
        ),
        "consultations_tombstone": Tombstone.objects.create(
            digest="a" * 64, kind=Tombstone.Kind.RECORD, at=now
        ),
        "consultations_wordpressimport": WordPressImport.objects.create(uploaded_at=now),
        "consultations_outgoingemail": make_email(now=now),
        "consultations_emailtext": EmailText.objects.create(
            key="comment_received", subject="Hello", body="{private link}", changed_at=now
        ),
        "consultations_screeningsettings": ScreeningSettings.objects.create(pk=1),
    }
    rows: RowPairs = {kind: (row, row) for kind, row in single.items()} | {
        "pages_article": (article, draft),
        "pages_picture": (make_picture(by=user), make_picture(by=colleague)),
        "auth_user": (colleague, boss),
        "auth_group": (group, Group.objects.get(name=roles.AUTHOR.group_name)),
        "consultations_auditentry": (
            entries.filter(staff_id=user.pk).first(),
            entries.filter(staff_id=colleague.pk).first(),
        ),
        "consultations_consultation": (own, other),
        "consultations_busysource": (sources[0], sources[1]),
        "consultations_practitionerhours": (hours[0], hours[1]),
    }
    secrets = [
        *((word, CALL_STAFF) for word in _personal_words(own)),
        *(
            (word, ALL_CALLS_STAFF)
            for word in (*_personal_words(other), nobodys.reference, str(nobodys.pk))
        ),
        *((word, MODERATORS) for word in ("Zwetschge", str(comment.pk), comment.name)),
        ("Hush a draft", CONTENT_EDITORS),
        ("Of their-person", OWNERS),
    ]
    return Practice(user, letter, rows, secrets)


def _personal_words(row: Consultation) -> list[str]:
    return [row.name, row.note, row.reference, str(row.pk)]
