"""Remove the demo practice and nothing else."""

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from consultations.demo import loading


class Command(BaseCommand):
    help = "Removes the demonstration practice. Rows that real ones rely on stay and are named."

    def handle(self, *args: object, **options: object) -> None:
        removed, kept = loading.remove_demo()
        for model, number in sorted(removed.items()):
            self.stdout.write(
                _("removed %(model)s: %(number)d") % {"model": model, "number": number}
            )
        for model, number in sorted(kept.items()):
            self.stdout.write(
                _("kept %(model)s: %(number)d (real rows rely on them)")
                % {"model": model, "number": number}
            )
        if not removed and not kept:
            self.stdout.write(_("There is no demonstration practice here."))
