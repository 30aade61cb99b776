"""The practice's screening settings, and the word counts learned from staff decisions."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.screening.classifier import has_distress_phrase
from consultations.screening.word_lists import DEFAULT_WORD_LISTS, WordLists
from pages.text.lists import TextListField


class ScreeningSettings(models.Model):
    """The practice's own word lists and two switches; one row.

    A list that staff never changed is the shipped one, so that updates of it take effect.
    """

    changed_lists = TextListField(editable=False)  # names of the fields that staff changed
    hold_words = TextListField(_("words to look at"))
    spam_words = TextListField(_("spam words"))
    brand_names = TextListField(_("names of products"))
    distress_words = TextListField(_("words of distress"))
    distress_is_on = models.BooleanField(
        _("mark messages that speak of distress"),
        default=True,
        help_text=_(
            "They are marked “read first” for you, and their writer sees the crisis lines first. "
            "Nobody is contacted, and nothing is said of the person."
        ),
    )
    learns = models.BooleanField(
        _("learn from our decisions"),
        default=True,
        help_text=_(
            "What you approve and what you mark as spam moves later scores a little. Only words "
            "that came from five people or more are used, and none is stored as a word."
        ),
    )

    class Meta:
        verbose_name = _("comment screening")
        verbose_name_plural = _("comment screening")

    def __str__(self) -> str:
        return str(_("Comment screening"))

    @classmethod
    def load(cls) -> Self:
        """Return the row, or an unsaved one with the defaults."""
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def words(self, name: str) -> tuple[str, ...]:
        """Return the list in use for a field: the practice's own or the shipped one."""
        if name in self.changed_lists:
            return tuple(getattr(self, name))
        return DEFAULT_WORD_LISTS[name]

    def is_read_first(self, *texts: str) -> bool:
        """Return whether one of the texts has a phrase of distress, unless that is switched off.

        Pass the answers of one form separately: a phrase is never found across two of them.
        """
        phrases = self.words("distress_words")
        return self.distress_is_on and any(has_distress_phrase(text, phrases) for text in texts)

    def to_word_lists(self, scripts: frozenset[str]) -> WordLists:
        """Return all lists in use, for the classifier. ``scripts``: the site's alphabets."""
        return WordLists(
            hold=self.words("hold_words"),
            spam=self.words("spam_words"),
            brands=self.words("brand_names"),
            distress=self.words("distress_words"),
            scripts=scripts,
        )


class LearnedWord(models.Model):
    """How many people used a word in comments that staff approved and in those marked as spam."""

    word_fingerprint = models.CharField(max_length=64, unique=True)
    spam_people = models.PositiveIntegerField()
    genuine_people = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"learned word {self.pk}"


class Lesson(models.Model):
    """The last time words were learned from decided comments; one row."""

    learned_at = models.DateTimeField()
    spam_people = models.PositiveIntegerField(default=0)
    genuine_people = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"lesson of {self.learned_at:%Y-%m-%d %H:%M}"
