"""Rebuild the search index, such as after a restore; saving normally keeps it up to date."""

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from pages.search import index


class Command(BaseCommand):
    help = "Rebuilds the search index from what is stored."

    def handle(self, *args: object, **options: object) -> None:
        count = index.rebuild_index()
        text = ngettext("%(count)d thing can be found.", "%(count)d things can be found.", count)
        self.stdout.write(text % {"count": count})
