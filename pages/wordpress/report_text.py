"""Turn the import report's codes into sentences."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from pages.wordpress import post_status
from pages.wordpress.report import IMPORTED, KEPT_EDITED, LEFT_OUT, SAME, UPDATED, ReportLine

MAX_NAMED = 3

VERDICT_LABELS = {
    IMPORTED: gettext_lazy("taken"),
    UPDATED: gettext_lazy("updated"),
    SAME: gettext_lazy("unchanged"),
    KEPT_EDITED: gettext_lazy("kept as it is"),
    LEFT_OUT: gettext_lazy("left out"),
    "": gettext_lazy("found"),
}
STATE_LABELS = {
    post_status.PUBLIC: gettext_lazy("public"),
    post_status.SCHEDULED: gettext_lazy("scheduled"),
    post_status.DRAFT: gettext_lazy("draft"),
}
NOTE_TEXTS = {
    # why an item is not public or was left out
    "trash": gettext_lazy("It lay in the trash."),
    "auto_draft": gettext_lazy("It was begun and never written."),
    "revision": gettext_lazy("It is an earlier version of something else."),
    "draft": gettext_lazy("It was a draft there."),
    "pending": gettext_lazy("It waited for review there."),
    "private": gettext_lazy("It was private there."),
    "password": gettext_lazy("It had a password there, so it is a draft here."),
    "members": gettext_lazy("Only members could read it there, so it is a draft here."),
    "missed_time": gettext_lazy(
        "It was scheduled for a time that has passed since: publish it yourself if it should be."
    ),
    "unknown_status": gettext_lazy("Its status there is one that we do not know."),
    "cut_off": gettext_lazy("The file is damaged here, so we do not know whether it was public."),
    "no_date": gettext_lazy("It has no date; it got today’s."),
    "future_date": gettext_lazy("It was public with a date to come; it got today’s."),
    "twice": gettext_lazy("The file holds it twice; the first one counts."),
    "deleted_here": gettext_lazy("You have deleted it here, and it stays deleted."),
    "edited_here": gettext_lazy("You have edited it here since, and your words stay."),
    # what was changed
    "no_title": gettext_lazy("It had no title; it is called by its first words or its date."),
    "title_cut": gettext_lazy("Its title was too long and has been shortened."),
    "summary_cut": gettext_lazy("Its summary was too long and has been shortened."),
    "new_address": gettext_lazy("Its address is now “%s”; the old one leads there."),
    "displaced": gettext_lazy(
        "Its old address is that of a fixed page here, so it stands at “%s” beside it: copy over "
        "what you want to keep."
    ),
    "sticky": gettext_lazy("It was pinned to the top there; here the newest comes first."),
    "cover_missing": gettext_lazy("Its cover picture was not found: %s"),
    "picture_missing": gettext_lazy("A picture was not found and became a link: %s"),
    "picture_dropped": gettext_lazy("A picture inside the text could not be taken: %s"),
    "player": gettext_lazy("A player became a link: %s"),
    "form_removed": gettext_lazy("A form was left out."),
    "block_removed": gettext_lazy("The block “%s” was left out: it drew something of the theme."),
    "shortcode_removed": gettext_lazy("The shortcode %s was left out."),
    "shortcode_unwrapped": gettext_lazy("The shortcode %s was taken away, its words stayed."),
    "shortcode_kept": gettext_lazy("%s looks like a shortcode and was kept as text."),
    "builder": gettext_lazy("Boxes of a page builder (%s) were taken away, their words stayed."),
    "guarded": gettext_lazy("Words for members only were left out (%s)."),
    "hidden": gettext_lazy("Something that was switched off there was left out (%s)."),
    # other lines
    "unused_terms": gettext_lazy("%s categories and tags that nothing taken stands in."),
    "other_type": gettext_lazy("%s of this kind. Nothing of it is published here."),
    "no_picture": gettext_lazy("It is no picture. Links to it still lead to your old site: %s"),
    "file_missing": gettext_lazy("The file was not found: %s"),
    "refused": gettext_lazy("%s"),
    "author_is": gettext_lazy("is %s here"),
    "author_unknown": gettext_lazy(
        "is nobody here. Articles come without an author, comments as those of a visitor."
    ),
}
DAMAGE_TEXTS = {
    "notice": gettext_lazy("Something stood before the export itself and was passed over."),
    "nested": gettext_lazy("Marks inside of texts were broken and have been mended."),
    "no_cdata": gettext_lazy("Texts were written without their marks and were read all the same."),
    "unclosed": gettext_lazy("Something was not closed; it was read as far as it went."),
    "unterminated": gettext_lazy("A text was not closed; it was read as far as it went."),
}
COMMENT_LABELS = {
    "approved": gettext_lazy("published"),
    "waiting": gettext_lazy("waiting for you"),
    "spam": gettext_lazy("spam"),
    "trash": gettext_lazy("trash"),
    "same": gettext_lazy("here already"),
    "twice": gettext_lazy("twice in the file"),
    "pingback": gettext_lazy("left out: pings from other sites"),
    "other_type": gettext_lazy("left out: notes and reviews of plugins"),
    "empty": gettext_lazy("left out: without a word"),
    "unknown_status": gettext_lazy("left out: of an unknown status"),
    "on_pages": gettext_lazy("left out: under pages, which have no comments here"),
    "on_what_is_left_out": gettext_lazy("left out: under something that is left out"),
    "email_past_its_time": gettext_lazy("addresses not taken, as they are past their time"),
}
REFUSAL_TEXTS = {
    "zip": gettext_lazy("This is a ZIP file. Unpack it first, and choose the .xml file in it."),
    "gzip": gettext_lazy("This file is packed. Unpack it first, and choose the .xml file."),
    "pdf": gettext_lazy("This is a PDF. Choose the .xml file that WordPress gave you."),
    "feed": gettext_lazy(
        "This is a feed, not an export. In WordPress, choose Tools, Export, All content."
    ),
    "other": gettext_lazy(
        "This is not an export from WordPress. In WordPress, choose Tools, Export, All content."
    ),
    "entities": gettext_lazy("This file declares entities, as no export does. It is not read."),
    "depth": gettext_lazy("This file is nested as no export is. It is not read."),
    "node": gettext_lazy("One text in this file is larger than any page. It is not read."),
    "file": gettext_lazy("This file is too large. Export your site in several parts."),
    "items": gettext_lazy("This file holds too many items. Export your site in several parts."),
    "damage": gettext_lazy("This file is damaged in so many places that it cannot be read."),
}


def note_text(code: str, about: str) -> str:
    words = str(NOTE_TEXTS.get(code, code))
    return words % about if "%s" in words else words


def line_note_texts(line: ReportLine) -> list[str]:
    """Return one sentence per code; name its first few subjects and count the rest."""
    about: dict[str, list[str]] = {}
    for code, subject in line.notes:
        about.setdefault(code, []).append(subject)
    return [note_text(code, _join_first(subjects)) for code, subjects in about.items()]


def _join_first(subjects: list[str]) -> str:
    shown = ", ".join(subjects[:MAX_NAMED])
    more = len(subjects) - MAX_NAMED
    return _("%(some)s and %(n)d more") % {"some": shown, "n": more} if more > 0 else shown


def line_text(line: ReportLine) -> str:
    """Return a line such as `taken · article 12 “On rest” · public · /articles/on-rest/ · why`."""
    name = f"{line.kind} {line.number}".strip() + (f" “{line.title}”" if line.title else "")
    state = str(STATE_LABELS.get(line.state, line.state))
    parts: list[object] = [
        VERDICT_LABELS.get(line.verdict, line.verdict),
        name,
        state,
        line.address,
    ]
    return " · ".join(str(part) for part in [*parts, *line_note_texts(line)] if part)


def refusal_text(code: str) -> str:
    return str(REFUSAL_TEXTS.get(code, REFUSAL_TEXTS["other"]))


def comment_texts(counts: dict[str, int]) -> list[str]:
    return [f"{COMMENT_LABELS.get(key, key)}: {number}" for key, number in sorted(counts.items())]


def damage_texts(damage: dict[str, int]) -> list[str]:
    return [f"{DAMAGE_TEXTS.get(key, key)} ({number})" for key, number in sorted(damage.items())]


def truncated_file_text() -> str:
    return _("The file ends in its middle. Everything before that was read; export it once more.")
