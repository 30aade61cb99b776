"""The races: each prepares a practitioner of its own, lets a crowd go, and judges what is left.

Imported once Django is set up on the database of the running server.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from consultations.booking import checks
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import write_start
from consultations.booking.states import LIVE_STATUSES
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from pages.practice.models import Holiday, PracticeProfile, Practitioner
from tests.factories.booking import book, make_type, make_window, slot_post
from tests.factories.pages import make_practitioner
from tools.races.concurrent_posts import Answer, Figures, post_together

FORM = "/consultation/details/"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Races:
    """One server under test; ``size`` is how many post at once."""

    def __init__(self, port: int, *, size: int, rounds: int, pairs: int) -> None:
        self.port, self.size, self.rounds, self.pairs = port, size, rounds, pairs
        self.fewer = max(2, rounds // 4)
        # The day after tomorrow and later: beyond every notice and cut-off.
        day = (timezone.now() + timedelta(days=3)).date()
        self.start = datetime.combine(day, time(9), tzinfo=timezone.get_default_timezone())
        PracticeProfile.objects.update(is_licence_bound=False)
        Holiday.objects.all().delete()

    def all(self) -> Iterator[Figures]:
        races: list[Callable[[], Figures]] = [
            self.one_time,
            self.lengths,
            self.gaps,
            self.cap,
            self.swaps,
            self.chains,
            self.cancel_against_confirm,
            self.double_submit,
        ]
        for race in races:
            yield race()

    # --- what the races are made of ---
    def person(self) -> Practitioner:
        person = make_practitioner(slug=f"racer-{Practitioner.objects.count()}", time_zone="UTC")
        for weekday in range(7):
            make_window(person, weekday)
        return person

    def kind(self, person: Practitioner, **facts: Any) -> ConsultationType:
        slug = f"race-{ConsultationType.objects.count()}"
        kind = make_type(slug=slug, **{"daily_cap": None, "step_min": 5, **facts})
        kind.practitioners.set([person])
        return kind

    def form(self, kind: ConsultationType, start_at: datetime, **answers: Any) -> tuple[str, Any]:
        return FORM, slot_post(kind, start_at, **answers)

    def crowd(self, figures: Figures, posts: list[tuple[str, Any]]) -> list[Answer]:
        return post_together(self.port, posts, figures)

    def judge(
        self, figures: Figures, person: Practitioner, answers: list[Answer], winners: int
    ) -> None:
        """So many 303, a kind page for everybody else, and the same number of rows and mails."""
        wanted = Counter({"303": winners, "409": len(answers) - winners})
        figures.expect("answers", +Counter(answer.what for answer in answers), +wanted)
        rows = Consultation.objects.filter(practitioner=person)
        figures.expect("rows", rows.count(), winners)
        figures.expect("live rows", rows.filter(status__in=LIVE_STATUSES).count(), winners)
        mails = OutgoingEmail.objects.filter(
            about__in=rows.values("pk"), message="consultation_confirmed"
        )
        figures.expect("mails", mails.count(), winners)
        self.judge_claims(figures)

    def judge_claims(self, figures: Figures) -> None:
        found = checks.differences(now=timezone.now())
        figures.expect("claims that differ", len(found), 0)

    # --- the races ---
    def one_time(self) -> Figures:
        figures = Figures("one time")
        for _ in range(self.rounds):
            person = self.person()
            kind = self.kind(person)
            posts = [self.form(kind, self.start) for _ in range(self.size)]
            self.judge(figures, person, self.crowd(figures, posts), 1)
        return figures

    def lengths(self) -> Figures:
        """Every two of these meet, whichever begins first."""
        figures = Figures("overlapping lengths")
        for _ in range(self.fewer):
            person = self.person()
            kinds = [self.kind(person, duration_min=n) for n in (20, 50, 90)]
            posts = [
                self.form(kinds[n % 3], self.start + HOUR + (n % 4) * 5 * MINUTE)
                for n in range(self.size)
            ]
            self.judge(figures, person, self.crowd(figures, posts), 1)
        return figures

    def gaps(self) -> Figures:
        """20 minutes at nine and at half past nine: only the gap after the first is shared."""
        figures = Figures("in the gap alone")
        for _ in range(self.fewer):
            person = self.person()
            kind = self.kind(person, after_min=15)
            posts = [self.form(kind, self.start + (n % 2) * 30 * MINUTE) for n in range(self.size)]
            self.judge(figures, person, self.crowd(figures, posts), 1)
        return figures

    def cap(self) -> Figures:
        """Ten times that do not meet, four a day: what no index can say."""
        figures = Figures("four a day")
        for _ in range(self.fewer):
            person = self.person()
            kind = self.kind(person, daily_cap=4)
            posts = [self.form(kind, self.start + (n % 10) * 45 * MINUTE) for n in range(self.size)]
            self.judge(figures, person, self.crowd(figures, posts), 4)
        return figures

    def swaps(self) -> Figures:
        """Two visitors want each other's time: neither gets it, and neither waits for the other."""
        figures = Figures("swaps")
        person = self.person()
        kind = self.kind(person)
        one, two = self.booked(kind, person, 0), self.booked(kind, person, 1)
        for _ in range(self.pairs):
            answers = self.crowd(
                figures, [self.move(one, two.start_at), self.move(two, one.start_at)]
            )
            figures.expect("answers", [answer.what for answer in answers], ["409", "409"])
            self.judge_claims(figures)
        return figures

    def chains(self) -> Figures:
        """One wants the time that the other is just leaving: the other always gets away."""
        figures = Figures("into a time being left")
        for _ in range(self.pairs):
            person = self.person()
            kind = self.kind(person)
            one, two = self.booked(kind, person, 0), self.booked(kind, person, 1)
            answers = self.crowd(
                figures,
                [self.move(one, two.start_at), self.move(two, self.start + 5 * HOUR)],
            )
            figures.expect("the leaver", answers[1].what, "303")
            figures.expect("the follower", answers[0].what in ("303", "409"), True)
            self.judge_claims(figures)
        return figures

    def cancel_against_confirm(self) -> Figures:
        """The visitor's two links at one moment. Both presses may count, one after the other."""
        figures = Figures("cancel against confirm")
        for _ in range(self.pairs):
            person = self.person()
            row = self.booked(self.kind(person, mode="email_confirm"), person, 0)
            token = control_links.make("hold-confirm", row.public_id, row.token_version)
            answers = self.crowd(
                figures,
                [(f"/consultation/confirm/{token}/", {}), (f"/c/{row.token}/cancel/", {})],
            )
            figures.expect("answers", [answer.what for answer in answers], ["303", "303"])
            row.refresh_from_db()
            figures.expect("state", row.status in ("confirmed", "cancelled_by_visitor"), True)
            figures.expect("history", row.events.count() in (2, 3), True)
            self.judge_claims(figures)
        return figures

    def double_submit(self) -> Figures:
        figures = Figures("one form sent many times")
        for _ in range(self.rounds):
            person = self.person()
            posts = [self.form(self.kind(person), self.start)] * min(self.size, 20)
            answers = self.crowd(figures, posts)
            figures.expect("statuses", {answer.what for answer in answers}, {"303"})
            rows = Consultation.objects.filter(practitioner=person)
            figures.expect("rows", rows.count(), 1)
            figures.expect(
                "places",
                {answer.place for answer in answers},
                {row.get_absolute_url() for row in rows},
            )
            self.judge_claims(figures)
        return figures

    def booked(self, kind: ConsultationType, person: Practitioner, hour: int) -> Consultation:
        return book(kind, [person], self.start + hour * HOUR, now=timezone.now(), zone="UTC")

    def move(self, row: Consultation, start_at: datetime | None) -> tuple[str, Any]:
        assert start_at is not None
        return f"/c/{row.token}/move/", {"start": write_start(start_at), "zone": "UTC"}
