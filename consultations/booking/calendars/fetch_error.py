"""The one way in which fetching a calendar fails."""

from consultations.booking.calendars.busy_reasons import FetchProblem


class FetchError(Exception):
    """Holds a problem for staff, and never the address: whoever knows it can read the calendar."""

    def __init__(self, problem: FetchProblem) -> None:
        super().__init__(problem.value)
        self.problem = problem
