"""The races: each sets up a practitioner, sends concurrent posts, and checks what they left.

Import it after django.setup() on the database of the running server.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.utils import timezone

from consultations.booking import checks
from consultations.booking.hours import ConsultationType
from consultations.booking.models import Consultation
from consultations.booking.slot_choice import format_start
from consultations.booking.states import LIVE_STATUSES
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import control_links
from pages.practice.models import Holiday, PracticeProfile, Practitioner
from tests.factories.booking import make_booking, make_type, make_window, slot_form_data
from tests.factories.pages import make_practitioner
from tools.races.concurrent_posts import RaceResult, Response, post_together

FORM = "/consultation/details/"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


class Races:
    """Races against one server; ``size`` is the number of concurrent posts."""

    def __init__(self, port: int, *, size: int, rounds: int, pairs: int) -> None:
        self.port, self.size, self.rounds, self.pairs = port, size, rounds, pairs
        self.few_rounds = max(2, rounds // 4)
        # In three days: beyond every minimum notice and cut-off.
        day = (timezone.now() + timedelta(days=3)).date()
        self.start = datetime.combine(day, time(9), tzinfo=timezone.get_default_timezone())
        PracticeProfile.objects.update(is_licence_bound=False)
        Holiday.objects.all().delete()

    def all(self) -> Iterator[RaceResult]:
        races: list[Callable[[], RaceResult]] = [
            self.one_slot,
            self.lengths,
            self.buffers,
            self.daily_cap,
            self.swaps,
            self.moves_into_left_slot,
            self.cancel_against_confirm,
            self.double_submit,
        ]
        for race in races:
            yield race()

    # --- building blocks ---
    def practitioner(self) -> Practitioner:
        practitioner = make_practitioner(
            slug=f"racer-{Practitioner.objects.count()}", time_zone="UTC"
        )
        for weekday in range(7):
            make_window(practitioner, weekday)
        return practitioner

    def consultation_type(self, practitioner: Practitioner, **facts: Any) -> ConsultationType:
        slug = f"race-{ConsultationType.objects.count()}"
        type = make_type(slug=slug, **{"daily_cap": None, "step_min": 5, **facts})
        type.practitioners.set([practitioner])
        return type

    def booking_post(
        self, type: ConsultationType, start_at: datetime, **fields: Any
    ) -> tuple[str, Any]:
        return FORM, slot_form_data(type, start_at, **fields)

    def post_all(self, result: RaceResult, posts: list[tuple[str, Any]]) -> list[Response]:
        return post_together(self.port, posts, result)

    def check(
        self,
        result: RaceResult,
        practitioner: Practitioner,
        responses: list[Response],
        winners: int,
    ) -> None:
        """Expect 303 for the winners, 409 for the others, and one row and mail for each winner."""
        wanted = Counter({"303": winners, "409": len(responses) - winners})
        result.expect("answers", +Counter(response.outcome for response in responses), +wanted)
        rows = Consultation.objects.filter(practitioner=practitioner)
        result.expect("rows", rows.count(), winners)
        result.expect("live rows", rows.filter(status__in=LIVE_STATUSES).count(), winners)
        mails = OutgoingEmail.objects.filter(
            about__in=rows.values("pk"), message="consultation_confirmed"
        )
        result.expect("mails", mails.count(), winners)
        self.check_claims(result)

    def check_claims(self, result: RaceResult) -> None:
        mismatches = checks.find_claim_mismatches(now=timezone.now())
        result.expect("claims that differ", len(mismatches), 0)

    # --- the races ---
    def one_slot(self) -> RaceResult:
        result = RaceResult("one slot")
        for _ in range(self.rounds):
            practitioner = self.practitioner()
            type = self.consultation_type(practitioner)
            posts = [self.booking_post(type, self.start) for _ in range(self.size)]
            self.check(result, practitioner, self.post_all(result, posts), 1)
        return result

    def lengths(self) -> RaceResult:
        """Lengths and starts of which every two overlap."""
        result = RaceResult("overlapping lengths")
        for _ in range(self.few_rounds):
            practitioner = self.practitioner()
            types = [self.consultation_type(practitioner, duration_min=n) for n in (20, 50, 90)]
            posts = [
                self.booking_post(types[n % 3], self.start + HOUR + (n % 4) * 5 * MINUTE)
                for n in range(self.size)
            ]
            self.check(result, practitioner, self.post_all(result, posts), 1)
        return result

    def buffers(self) -> RaceResult:
        """Two calls that meet only in the buffer after the first."""
        result = RaceResult("overlap in the buffer")
        for _ in range(self.few_rounds):
            practitioner = self.practitioner()
            type = self.consultation_type(practitioner, after_min=15)
            posts = [
                self.booking_post(type, self.start + (n % 2) * 30 * MINUTE)
                for n in range(self.size)
            ]
            self.check(result, practitioner, self.post_all(result, posts), 1)
        return result

    def daily_cap(self) -> RaceResult:
        """Ten slots that do not overlap, four allowed a day: no database constraint covers it."""
        result = RaceResult("four a day")
        for _ in range(self.few_rounds):
            practitioner = self.practitioner()
            type = self.consultation_type(practitioner, daily_cap=4)
            posts = [
                self.booking_post(type, self.start + (n % 10) * 45 * MINUTE)
                for n in range(self.size)
            ]
            self.check(result, practitioner, self.post_all(result, posts), 4)
        return result

    def swaps(self) -> RaceResult:
        """Two visitors move to each other's slot: both are refused, without a deadlock."""
        result = RaceResult("swaps")
        practitioner = self.practitioner()
        type = self.consultation_type(practitioner)
        first, second = (
            self.make_booking(type, practitioner, 0),
            self.make_booking(type, practitioner, 1),
        )
        for _ in range(self.pairs):
            responses = self.post_all(
                result,
                [self.move_post(first, second.start_at), self.move_post(second, first.start_at)],
            )
            result.expect("answers", [response.outcome for response in responses], ["409", "409"])
            self.check_claims(result)
        return result

    def moves_into_left_slot(self) -> RaceResult:
        """One moves into the slot that another is leaving: the other move always succeeds."""
        result = RaceResult("into a slot being left")
        for _ in range(self.pairs):
            practitioner = self.practitioner()
            type = self.consultation_type(practitioner)
            first, second = (
                self.make_booking(type, practitioner, 0),
                self.make_booking(type, practitioner, 1),
            )
            responses = self.post_all(
                result,
                [
                    self.move_post(first, second.start_at),
                    self.move_post(second, self.start + 5 * HOUR),
                ],
            )
            result.expect("the one who leaves", responses[1].outcome, "303")
            result.expect("the one who follows", responses[0].outcome in ("303", "409"), True)
            self.check_claims(result)
        return result

    def cancel_against_confirm(self) -> RaceResult:
        """Confirm and cancel at once: both may succeed, one after the other."""
        result = RaceResult("cancel against confirm")
        for _ in range(self.pairs):
            practitioner = self.practitioner()
            row = self.make_booking(
                self.consultation_type(practitioner, mode="email_confirm"), practitioner, 0
            )
            token = control_links.make_token("hold-confirm", row.public_id, row.token_version)
            responses = self.post_all(
                result,
                [(f"/consultation/confirm/{token}/", {}), (f"/c/{row.token}/cancel/", {})],
            )
            result.expect("answers", [response.outcome for response in responses], ["303", "303"])
            row.refresh_from_db()
            result.expect("state", row.status in ("confirmed", "cancelled_by_visitor"), True)
            result.expect("history", row.events.count() in (2, 3), True)
            self.check_claims(result)
        return result

    def double_submit(self) -> RaceResult:
        result = RaceResult("one form sent many times")
        for _ in range(self.rounds):
            practitioner = self.practitioner()
            post = self.booking_post(self.consultation_type(practitioner), self.start)
            posts = [post] * min(self.size, 20)
            responses = self.post_all(result, posts)
            result.expect("statuses", {response.outcome for response in responses}, {"303"})
            rows = Consultation.objects.filter(practitioner=practitioner)
            result.expect("rows", rows.count(), 1)
            result.expect(
                "places",
                {response.location for response in responses},
                {row.get_absolute_url() for row in rows},
            )
            self.check_claims(result)
        return result

    def make_booking(
        self, type: ConsultationType, practitioner: Practitioner, hour: int
    ) -> Consultation:
        return make_booking(
            type, [practitioner], self.start + hour * HOUR, now=timezone.now(), zone="UTC"
        )

    def move_post(self, row: Consultation, start_at: datetime | None) -> tuple[str, Any]:
        assert start_at is not None
        return f"/c/{row.token}/move/", {"start": format_start(start_at), "zone": "UTC"}
