"""Whether this practice wants a message read first: its own list, unless it is switched off."""

from consultations.screening import distress
from consultations.screening.models import ScreeningSettings


def is_read_first(*texts: str) -> bool:
    """For several answers of one form; no phrase reaches from one into the next."""
    chosen = ScreeningSettings.load()
    if not chosen.distress_is_on:
        return False
    phrases = chosen.words("distress_words")
    return any(distress.is_read_first(text, phrases) for text in texts)
