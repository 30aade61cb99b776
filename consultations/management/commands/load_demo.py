"""Load the demo practice; a second run changes nothing."""

from typing import TypedDict, Unpack

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.demo import loading


class Options(TypedDict):
    """The options of this command."""

    verbosity: int


class Command(BaseCommand):
    help = "Loads the demonstration practice into a database that holds no other."

    def handle(self, *args: object, **options: Unpack[Options]) -> None:
        try:
            made = loading.load_demo(timezone.now())
        except loading.RealPracticeExists:
            raise CommandError(
                _("This database holds a practice of its own; the demonstration stays out.")
            ) from None
        if options["verbosity"] < 1:
            return
        for model, number in sorted(made.items()):
            self.stdout.write(f"{model}: {number}")
        if not made:
            self.stdout.write(_("The demonstration practice is here already."))
