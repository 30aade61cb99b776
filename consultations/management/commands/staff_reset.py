"""Print a reset link for staff who lost their password, their phone or both."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.accounts import backends, workflow

USAGE_EXIT_CODE = 2


class Command(BaseCommand):
    help = (
        "Prints a link, good for one hour and for once, with which a member of staff sets a new "
        "password; former second factors and sign-ins go then."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help=_("the login, or the email address"))

    def handle(self, *args: object, name: str, **options: object) -> None:
        user = backends.find_user(name)
        if user is None or not (user.is_active and user.is_staff):
            raise CommandError(
                _("Nobody of the staff has this login, or it is switched off."),
                returncode=USAGE_EXIT_CODE,
            )
        row = workflow.create_reset_link(user, now=timezone.now())
        self.stdout.write(settings.SITE_URL + row.get_absolute_url())
        self.stderr.write(
            _("Good for one hour, and for once. Give it to %(name)s in person or by phone.")
            % {"name": user.get_username()}
        )
