"""Variables in braces that page texts may use, like {practice_name}.

A fixed list and plain replacement, no template language: staff write these texts, and a text must
never run as code.
"""

from django.conf import settings
from django.utils.html import escape

from pages.practice.profile import PracticeProfile


def variable_values(practice: PracticeProfile) -> dict[str, str]:
    return {
        "practice_name": practice.name,
        "discreet_name": practice.sender_name,
        "practice_email": practice.email,
        "practice_phone": practice.phone,
        "practice_address": ", ".join(practice.address_lines),
        "consultation_days": str(settings.CONSULTATION_RETENTION_DAYS),
        "waitlist_days": str(settings.WAITLIST_EXPIRES_DAYS),
        "comment_email_days": str(settings.COMMENT_EMAIL_RETENTION_DAYS),
        "spam_days": str(settings.COMMENT_SPAM_RETENTION_DAYS),
        "trash_days": str(settings.COMMENT_TRASH_RETENTION_DAYS),
        "outbox_days": str(settings.OUTBOX_RETENTION_DAYS),
        "address_hash_days": str(settings.ADDRESS_HASH_RETENTION_DAYS),
        "reply_within_days": str(practice.reply_within_days),
        "comment_reply_days": str(practice.comment_reply_days),
        "call_minutes": str(settings.CALL_MINUTES),
        "site_url": settings.SITE_URL,
        "country_name": practice.country_name,
    }


def fill_variables(text: str, practice: PracticeProfile, *, is_html: bool = False) -> str:
    """Replace variables in `text` by their values, escaped in HTML."""
    if "{" not in text:
        return text
    for name, value in variable_values(practice).items():
        text = text.replace(f"{{{name}}}", escape(value) if is_html else value)
    return text
