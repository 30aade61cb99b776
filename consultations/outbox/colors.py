"""The colors of emails: the only part of the practice's look that an email takes on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class EmailColors:
    """Hex colors of one mode, each readable on the ground it is used on."""

    paper: str  # around the card
    surface: str  # the card
    tint: str  # the box with the time
    ink: str
    soft: str  # small print
    line: str
    accent: str  # buttons and links
    on_accent: str


NEUTRAL_LIGHT = EmailColors(
    paper="#F4F3F1",
    surface="#FFFFFF",
    tint="#F1F0EE",
    ink="#26262A",
    soft="#5A5A60",
    line="#DEDCD8",
    accent="#3D4B5C",
    on_accent="#FFFFFF",
)
NEUTRAL_DARK = EmailColors(
    paper="#17181A",
    surface="#222326",
    tint="#2C2E32",
    ink="#EDECE9",
    soft="#B6B5B1",
    line="#3B3C40",
    accent="#B9C9DB",
    on_accent="#17181A",
)


def email_colors() -> tuple[EmailColors, EmailColors]:
    """Return the colors of emails in light and in dark mode."""
    return NEUTRAL_LIGHT, NEUTRAL_DARK
