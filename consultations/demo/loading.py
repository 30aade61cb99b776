"""Load the demo practice from pages/demo_content, and remove it again."""

import json
import secrets
import tomllib
from collections import Counter
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.db import models, transaction
from django.db.models import ProtectedError, RestrictedError

from consultations.accounts import roles
from consultations.audit.models import Actor
from consultations.booking import claims, local_time
from consultations.booking import submission as booking
from consultations.booking.hours import ConsultationType, WeeklyWindow
from consultations.booking.models import Consultation, ConsultationEvent, generate_reference
from consultations.booking.states import FINAL_STATUSES, LIVE_STATUSES, TIMED_STATUSES, Status
from consultations.comments import screening
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.comments.models import Status as CommentStatus
from consultations.demo.models import DemoRow
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import consent
from pages.articles.models import Article, Category, Tag
from pages.media.models import Picture
from pages.media.workflow import delete_picture, make_variants, store_picture
from pages.practice.models import (
    Fee,
    FrequentQuestion,
    Holiday,
    Licence,
    OpeningHours,
    PracticeProfile,
    Practitioner,
    Service,
)

CONTENT_DIR = Path(settings.BASE_DIR) / "pages" / "demo_content"
LOGIN_PREFIX = "demo-"
OWNER_LOGIN = LOGIN_PREFIX + roles.OWNER.key


TomlTable = dict[str, Any]  # as tomllib returns it
RowT = TypeVar("RowT", bound=models.Model)


class RealPracticeExists(Exception):
    """The database already contains a real practice."""


class DemoLoader:
    """Create the demo rows and record each of them, in the caller's transaction."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.created: Counter[str] = Counter()

    def create(self, model: type[RowT], **values: object) -> RowT:
        row = model._default_manager.create(**values)
        self.record(row)
        return row

    def record(self, row: models.Model) -> None:
        DemoRow.objects.create(model=row._meta.label, key=str(row.pk))
        self.created[row._meta.label] += 1

    def load(self) -> None:
        facts = _read_content("practice")
        self.load_practice(facts)
        self.load_articles(_read_content("articles"))
        self.load_comments(_read_content("comments"))
        self.load_consultations(_read_content("consultations"))

    def load_practice(self, facts: TomlTable) -> None:
        self.create(PracticeProfile, **_strip_values(facts["profile"]))
        for hours in facts["opening_hours"]:
            self.create(OpeningHours, **hours)
        for holiday in facts["holidays"]:
            self.create(Holiday, **holiday)
        people = {
            row["slug"]: self.create(
                Practitioner, **_strip_values(row), portrait=self.load_portrait(row)
            )
            for row in facts["practitioners"]
        }
        for row in facts["licences"]:
            self.create(
                Licence, **{**_strip_values(row), "practitioner": people[row["practitioner"]]}
            )
        for row in facts["consultation_types"]:
            self.create(ConsultationType, **_strip_values(row))
        for row in facts["weekly_windows"]:
            self.create(WeeklyWindow, **{**row, "practitioner": people[row["practitioner"]]})
        services = {
            row["slug"]: self.create(Service, **_strip_values(row)) for row in facts["services"]
        }
        for row in facts["fees"]:
            self.create(
                Fee, **{**_strip_values(row), "service": services.get(row.get("service", ""))}
            )
        for row in facts["frequent_questions"]:
            self.create(FrequentQuestion, **_strip_values(row))

    def load_portrait(self, row: TomlTable) -> Picture:
        """Store the drawing that stands for a photo, in all sizes: the first visitor sees it."""
        with (CONTENT_DIR / "portraits" / f"{row['slug']}.png").open("rb") as file:
            picture = store_picture(
                file,
                alt="",
                is_decorative=True,
                caption="",
                by=None,
                now=self.now,
                name=row["name"],
            )
        make_variants(picture)
        self.record(picture)
        return picture

    def load_articles(self, content: TomlTable) -> None:
        categories = {row["slug"]: self.create(Category, **row) for row in content["categories"]}
        tags = {row["slug"]: self.create(Tag, **row) for row in content["tags"]}
        people = {person.slug: person for person in Practitioner.objects.all()}
        for row in content["articles"]:
            values = _strip_values(row)
            published_at = self.published_at(values)
            slugs = values.pop("tags")
            values["category"] = categories[values["category"]]
            values["author"] = people[values["author"]]
            body = (CONTENT_DIR / "articles" / f"{row['slug']}.html").read_text(encoding="utf-8")
            article = self.create(Article, **values, body=body, published_at=published_at)
            article.tags.set(tags[slug] for slug in slugs)

    def published_at(self, values: TomlTable) -> datetime | None:
        if (days := values.pop("publish_in_days", None)) is not None:
            return self.now + timedelta(days=days)
        days = values.pop("days_ago", None)
        return None if days is None else self.now - timedelta(days=days)

    def load_comments(self, content: TomlTable) -> None:
        created: dict[str, Comment] = {}
        for row in content["comments"]:
            at = self.now - timedelta(hours=row["hours_ago"])
            by = Practitioner.objects.filter(slug=row["by"]).first() if row["by"] else None
            words = {
                "name": row["name"].strip(),
                "email": "" if by else row["email"],
                "text": row["text"].strip(),
            }
            screened = None if by else screening.screen(**words, suspicions=[], now=at)
            comment = self.create(
                Comment,
                article=Article.objects.get(slug=row["article"]),
                parent=created.get(row["parent"]),
                **words,
                by_practice=by is not None,
                practitioner=by,
                suspicions=screened.reasons if screened else [],
                score=screened.score if screened else None,
                read_first=screened is not None and screened.read_first,
                created_at=at,
                status_changed_at=at,
            )
            created[row["key"]] = comment
            _set_comment_status(comment, row["status"], at + timedelta(minutes=30))

    def load_consultations(self, content: TomlTable) -> None:
        for row in content["consultations"]:
            self.load_consultation(row)

    def load_consultation(self, row: TomlTable) -> None:
        practice = PracticeProfile.load()
        at = self.now - timedelta(days=row["days_ago"], minutes=17)
        status = row["status"]
        start_at = (
            self.start_at(row, practice)
            if status in TIMED_STATUSES or "start_in_days" in row
            else None
        )
        closed_at = (start_at or at + timedelta(days=1)) if status in FINAL_STATUSES else None
        kind = ConsultationType.objects.active().first() if start_at else None
        person = Practitioner.objects.filter(slug=row["practitioner"]).first()
        if start_at is not None and person is None:
            person = Practitioner.objects.bookable().first()
        consultation = self.create(
            Consultation,
            reference=generate_reference(practice.reference_prefix),
            idempotency_key=secrets.token_hex(16),
            kind=row["kind"],
            status=status,
            practitioner=person,
            start_at=start_at,
            end_at=start_at + timedelta(minutes=settings.CALL_MINUTES) if start_at else None,
            type=kind,
            before_min=kind.before_min if kind else 0,
            after_min=kind.after_min if kind else 0,
            visitor_zone=row["zone"],
            promised_time=local_time.format_datetime_in_zone(start_at, row["zone"])
            if start_at
            else "",
            name=row["name"],
            email=row["email"],
            phone=row["phone"],
            channel=row["channel"],
            voicemail=row["voicemail"],
            location=row["location"],
            service=row["service"] or row["interest"],
            audience=row["audience"],
            meeting=row["meeting"],
            note=row["note"].strip(),
            access_needs=row["access"].strip(),
            preferred_times=json.dumps(row["preferred"]) if row["preferred"] else "",
            is_adult=True,
            consent_version=consent.CONSULTATION_VERSION,
            consent_at=at,
            reply_by=booking.compute_reply_deadline(practice, at),
            decline_reason=row.get("decline_reason", ""),
            outcome=row.get("outcome", ""),
            created_at=at,
            closed_at=min(closed_at, self.now) if closed_at else None,
        )
        if status in LIVE_STATUSES and person and consultation.start_at and consultation.end_at:
            claims.claim_slot(
                consultation, [person], consultation.start_at, consultation.end_at, now=at
            )
        self.event(consultation, Actor.VISITOR, "", Status.REQUESTED, at)
        if status != Status.REQUESTED:
            actor = {
                Status.CANCELLED_BY_VISITOR: Actor.VISITOR,
                Status.EXPIRED: Actor.SYSTEM,
            }.get(status, Actor.STAFF)
            self.event(consultation, actor, Status.REQUESTED, status, at + timedelta(hours=5))

    def start_at(self, row: TomlTable, practice: PracticeProfile) -> datetime:
        """Return the next open day of the practice, at the local time given in the content file."""
        zone = ZoneInfo(practice.time_zone)
        day = self.now.astimezone(zone).date() + timedelta(days=row["start_in_days"])
        open_days = set(OpeningHours.objects.values_list("weekday", flat=True))
        closed = set(Holiday.objects.values_list("on", flat=True))
        step = timedelta(days=1 if row["start_in_days"] >= 0 else -1)
        while day.weekday() not in open_days or day in closed:
            day += step
        clock = row["start_time"]
        clock = clock if isinstance(clock, time) else time.fromisoformat(clock)
        return datetime.combine(day, clock, tzinfo=zone)

    def event(
        self, consultation: Consultation, actor: str, before: str, after: str, at: datetime
    ) -> None:
        ConsultationEvent.objects.create(
            consultation=consultation,
            at=at,
            actor=actor,
            before=before,
            after=after,
            new_start_at=consultation.start_at,
        )


def load_demo(now: datetime) -> Counter[str]:
    """Load the demo practice once; a second call changes nothing.

    Raises `RealPracticeExists` if the database contains a real practice.
    """
    with transaction.atomic():
        if DemoRow.objects.exists():
            return Counter()
        if PracticeProfile.objects.exists():
            raise RealPracticeExists
        loader = DemoLoader(now)
        loader.load()
        create_owner_login(loader)
        return loader.created


def create_owner_login(loader: DemoLoader) -> None:
    """Create the owner's login; its password goes to a file only the server's user can read."""
    password = secrets.token_urlsafe(9)
    user = User.objects.create_superuser(OWNER_LOGIN, password=password)
    loader.record(user)
    people = Practitioner.objects.order_by("order")
    logins = {roles.OWNER.key: user, **create_role_logins(loader, user)}
    for key, person in zip((roles.OWNER.key, roles.PRACTITIONER.key), people, strict=False):
        Practitioner.objects.filter(pk=person.pk).update(user=logins[key])
    roles.set_roles(user, [roles.OWNER.key])
    file = settings.DATA_DIR / "keys" / "demo_login.json"
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    file.touch(mode=0o600)
    file.write_text(json.dumps({"username": OWNER_LOGIN, "password": password}), encoding="utf-8")


def create_role_logins(loader: DemoLoader, owner: User) -> dict[str, User]:
    """Create a login for each other role, named after it, with the owner's password."""
    logins: dict[str, User] = {}
    for key in [key for key in roles.ROLES if key != roles.OWNER.key]:
        name = f"{LOGIN_PREFIX}{key}"
        logins[key] = User.objects.create(username=name, is_staff=True, password=owner.password)
        roles.set_roles(logins[key], [key])
        loader.record(logins[key])
    return logins


def remove_demo() -> tuple[Counter[str], Counter[str]]:
    """Delete what load_demo created; return counts of rows removed and rows kept.

    Rows are kept if real rows depend on them.
    """
    removed: Counter[str] = Counter()
    kept: Counter[str] = Counter()
    with transaction.atomic():
        for note in DemoRow.objects.order_by("-pk"):
            model = apps.get_model(note.model)
            row = model._base_manager.filter(pk=note.key).first()
            if row is not None and not _delete_row(row):
                kept[note.model] += 1
                continue
            removed[note.model] += row is not None
            note.delete()
    if not kept:
        (settings.DATA_DIR / "keys" / "demo_login.json").unlink(missing_ok=True)
    return removed, kept


def _delete_row(row: models.Model) -> bool:
    if isinstance(row, Picture):
        delete_picture(row)
        return True
    if isinstance(row, Article) and row.comments.exists():
        return False  # its demo comments are already deleted: these are from real readers
    if (
        isinstance(row, PracticeProfile)
        and row.name != _read_content("practice")["profile"]["name"]
    ):
        return False  # turned into a real practice since
    if isinstance(row, Consultation | Comment):
        OutgoingEmail.objects.filter(about=row.uuid).delete()
    try:
        with transaction.atomic():
            row.delete()
    except (ProtectedError, RestrictedError):
        return False
    return True


def _set_comment_status(comment: Comment, status: str, at: datetime) -> None:
    """Change the status through the same functions that staff use."""
    if status == CommentStatus.APPROVED:
        comments.approve_comment(comment, by=None, now=at)
    elif status == CommentStatus.SPAM:
        comments.mark_as_spam(comment, by=None, now=at)
    elif status == CommentStatus.TRASH:
        comments.trash_comment(comment, by=None, now=at)
    elif status == CommentStatus.WITHDRAWN:
        comments.withdraw_comment(comment, now=at)


def _read_content(name: str) -> TomlTable:
    return tomllib.loads((CONTENT_DIR / f"{name}.toml").read_text(encoding="utf-8"))


def _strip_values(row: TomlTable) -> TomlTable:
    return {name: value.strip() if isinstance(value, str) else value for name, value in row.items()}
