"""What screening keeps: counts under keyed hashes, the words staff chose, and what was learned."""

from typing import Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.screening import word_lists
from pages.text.lists import TextListField


class ScreeningSettings(models.Model):
    """The practice's own words, one row. A list it never changed is the one the site came with,
    also after an update that brings a better one."""

    changed_lists = TextListField(editable=False)  # names of the lists that are its own
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
        return cls.objects.filter(pk=1).first() or cls(pk=1)

    def words(self, name: str) -> tuple[str, ...]:
        """The list as it is used now."""
        return (
            tuple(getattr(self, name))
            if name in self.changed_lists
            else word_lists.DEFAULT_WORD_LISTS[name]
        )

    def to_word_lists(self, scripts: frozenset[str]) -> word_lists.WordLists:
        return word_lists.WordLists(
            hold=self.words("hold_words"),
            spam=self.words("spam_words"),
            brands=self.words("brand_names"),
            distress=self.words("distress_words"),
            distress_is_on=self.distress_is_on,
            scripts=scripts,
        )


class LearnedWord(models.Model):
    """How many people used one word in comments that staff approved, and in their spam."""

    word_fingerprint = models.CharField(max_length=64, unique=True)
    spam_people = models.PositiveIntegerField()
    genuine_people = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"learned word {self.pk}"


class Lesson(models.Model):
    """The last time it was learned from the comments that are decided; one row."""

    learned_at = models.DateTimeField()
    spam_people = models.PositiveIntegerField(default=0)
    genuine_people = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"lesson of {self.learned_at:%Y-%m-%d %H:%M}"
