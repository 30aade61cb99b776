"""Make the search index anew. Saving keeps it right; this is for a restore or a doubt."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import ngettext

from pages.search import index


class Command(BaseCommand):
    help = "Makes the search index anew from what is stored."

    def handle(self, *args: Any, **options: Any) -> None:
        count = index.rebuild_index()
        text = ngettext("%(count)d thing can be found.", "%(count)d things can be found.", count)
        self.stdout.write(text % {"count": count})
