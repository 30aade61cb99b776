"""Set up a real practice: its details, owner, encryption keys and a test email."""

import getpass
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import cast

from django.conf import settings
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.demo.models import DemoRow
from consultations.management import practice_setup
from consultations.privacy import canary

USAGE_EXIT_CODE = 2
MAX_TRIES = 5

QUESTIONS = {
    "name": "Name of the practice",
    "email": "Email that visitors may see, and that requests are announced to",
    "phone": "Phone that visitors may see",
    "country": "Country, two letters like US or GB",
    "time_zone": "Time zone, like America/New_York or Europe/London",
    "hours": "Hours, like mon-thu 09:00-17:00, fri 09:00-13:00",
    "call_hours": "Hours in which visitors may book a free call (none: the same hours)",
    "practitioner": "Your name as visitors shall read it",
    "owner": "Login of the owner (never shown to visitors)",
}


class Command(BaseCommand):
    help = "Sets up a practice: asks for what is missing, or takes it all from options."

    def add_arguments(self, parser: ArgumentParser) -> None:
        for name, question in QUESTIONS.items():
            parser.add_argument(f"--{name.replace('_', '-')}", default="", help=question)
        parser.add_argument("--password-file", default="", help="file with the owner's password")
        parser.add_argument("--no-test-mail", action="store_true", help="send no test mail")

    def handle(self, *args: object, **options: object) -> None:
        if DemoRow.objects.exists():
            raise CommandError(
                _("The demonstration practice is here. Remove it first: manage.py remove_demo"),
                returncode=USAGE_EXIT_CODE,
            )
        if not canary.verify_keys():
            raise CommandError(_("FIELD_KEYS cannot open what is stored in this database."))
        if User.objects.filter(is_superuser=True).exists():
            raise CommandError(
                _("This site has an owner already; change the facts in the admin."),
                returncode=USAGE_EXIT_CODE,
            )
        facts = {name: self.ask_fact(name, cast("str", options[name])) for name in QUESTIONS}
        password = self.password(cast("str", options["password_file"]), facts)
        try:
            practice_setup.set_up_practice(facts, password)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages), returncode=USAGE_EXIT_CODE) from None
        self.stdout.write(_("The practice is set up. Staff log in here:"))
        self.stdout.write(f"{settings.SITE_URL}/{settings.ADMIN_PATH}")
        self.print_booking_summary()
        self.print_key_location()
        if not options["no_test_mail"]:
            self.send_test_email(facts["email"])

    def ask_fact(self, name: str, given: str) -> str:
        """Return the value from the option, or ask until it is valid."""
        flag = f"--{name.replace('_', '-')}"
        if given or not sys.stdin.isatty():
            try:
                return practice_setup.clean_fact(name, given)
            except ValidationError as error:
                words = " ".join(error.messages)
                raise CommandError(f"{flag}: {words}", returncode=USAGE_EXIT_CODE) from None
        for _try in range(MAX_TRIES):
            try:
                return practice_setup.clean_fact(name, input(f"{_(QUESTIONS[name])}: "))
            except ValidationError as error:
                self.stdout.write(" ".join(error.messages))
        raise CommandError(_("Stopped after several tries. Nothing was stored."))

    def password(self, path: str, facts: dict[str, str]) -> str:
        if path:
            try:
                return Path(path).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError):
                raise CommandError(
                    _("The password file cannot be read."), returncode=USAGE_EXIT_CODE
                ) from None
        if not sys.stdin.isatty():
            raise CommandError(_("--password-file is needed here."), returncode=USAGE_EXIT_CODE)
        user = User(username=facts["owner"], email=facts["email"])
        for _try in range(MAX_TRIES):
            password = getpass.getpass(_("Password of the owner (12 characters or more): "))
            try:
                validate_password(password, user)
            except ValidationError as error:
                self.stdout.write(" ".join(error.messages))
                continue
            if getpass.getpass(_("Once more: ")) == password:
                return password
            self.stdout.write(_("The two differ."))
        raise CommandError(_("Stopped after several tries. Nothing was stored."))

    def print_booking_summary(self) -> None:
        if words := practice_setup.booking_summary():
            self.stdout.write(_("Visitors may book from now on: %(words)s") % {"words": words})
            self.stdout.write(_("Hours, single dates and the kind of call: in the admin."))
            return
        self.stdout.write(
            _(
                "Visitors see no times yet, and may ask for a call back. To offer times, add a "
                "kind of consultation and a practitioner's weekly hours in the admin."
            )
        )

    def print_key_location(self) -> None:
        file = settings.KEYS_DIR / "field_keys"
        place = "FIELD_KEYS" if settings.IS_PRODUCTION else str(file)
        self.stdout.write(
            _(
                "Keys: print %(place)s and put the paper into a safe. Without it, no message that "
                "visitors sent can ever be read again."
            )
            % {"place": place}
        )

    def send_test_email(self, to: str) -> None:
        is_sent, fault = practice_setup.send_test_email(to, timezone.now())
        if is_sent:
            self.stdout.write(
                _("A test mail has left to %(to)s. Look whether it arrives.") % {"to": to}
            )
            return
        self.stderr.write(
            _(
                "The test mail did not leave (%(fault)s). Look at EMAIL_URL; messages of visitors "
                "are kept meanwhile and mails leave once it works."
            )
            % {"fault": fault}
        )
        sys.exit(1)
