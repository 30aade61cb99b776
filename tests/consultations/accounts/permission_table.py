"""Which role may view and submit each page in the admin: one letter for each kind of staff.

An admin URL or a role that is missing here fails a test.
"""

from dataclasses import dataclass

LETTERS = {
    "c": "contributor",
    "a": "author",
    "e": "editor",
    "m": "moderator",
    "p": "practitioner",
    "i": "intake",
    "o": "owner",
    "s": "",  # a superuser
    "n": "",  # a staff member without a role
}
ALL_STAFF = "".join(LETTERS)
# Who may do what, for the pages below and for the words in ``practice.py``.
WRITERS = "caeos"
PUBLISHERS = "aeos"
CONTENT_EDITORS = "eos"
MODERATORS = "mos"
CALL_STAFF = "pios"
ALL_CALLS_STAFF = "ios"  # may see the calls of every practitioner
CALENDAR_STAFF = "pos"
OWNERS = "os"
NOBODY = ""


@dataclass(frozen=True)
class ModelAccess:
    """The six admin URLs of a model; ``other`` is for somebody else's row."""

    see: str
    add: str = NOBODY
    change: str = NOBODY
    delete: str = NOBODY
    other_see: str | None = None
    other_change: str | None = None
    other_delete: str | None = None

    def for_other_row(self) -> "ModelAccess":
        return ModelAccess(
            self.see if self.other_see is None else self.other_see,
            self.add,
            self.change if self.other_change is None else self.other_change,
            self.delete if self.other_delete is None else self.other_delete,
        )


CONTENT_ACCESS = ModelAccess(CONTENT_EDITORS, CONTENT_EDITORS, CONTENT_EDITORS, CONTENT_EDITORS)
OWNER_ACCESS = ModelAccess(OWNERS, OWNERS, OWNERS, OWNERS)

MODEL_ACCESS = {
    "pages_article": ModelAccess(
        WRITERS, WRITERS, WRITERS, PUBLISHERS, CONTENT_EDITORS, CONTENT_EDITORS, CONTENT_EDITORS
    ),
    "pages_picture": ModelAccess(
        WRITERS, WRITERS, WRITERS, CONTENT_EDITORS, WRITERS, CONTENT_EDITORS, CONTENT_EDITORS
    ),
    "pages_category": CONTENT_ACCESS,
    "pages_tag": CONTENT_ACCESS,
    "pages_service": CONTENT_ACCESS,
    "pages_fee": CONTENT_ACCESS,
    "pages_frequentquestion": CONTENT_ACCESS,
    "pages_crisisline": CONTENT_ACCESS,
    "pages_redirect": CONTENT_ACCESS,
    "pages_referral": OWNER_ACCESS,
    "pages_reusableblock": CONTENT_ACCESS,
    "pages_sitepage": CONTENT_ACCESS,
    "pages_freepage": CONTENT_ACCESS,
    "pages_menuentry": CONTENT_ACCESS,
    "pages_practitioner": ModelAccess(CONTENT_EDITORS, OWNERS, CONTENT_EDITORS, OWNERS),
    "pages_searchsynonyms": ModelAccess(CONTENT_EDITORS, NOBODY, CONTENT_EDITORS, OWNERS),
    "pages_practiceprofile": ModelAccess(OWNERS, NOBODY, OWNERS),
    "pages_look": ModelAccess(OWNERS, NOBODY, OWNERS),
    # The other one is a superuser.
    "auth_user": ModelAccess(OWNERS, "s", OWNERS, "s", OWNERS, "s", "s"),
    # The other one is the group of a role.
    "auth_group": ModelAccess("s", "s", "s", "s", "s", NOBODY, NOBODY),
    "consultations_auditentry": ModelAccess(ALL_STAFF, other_see=OWNERS),
    "consultations_consultation": ModelAccess(
        CALL_STAFF, CALL_STAFF, CALL_STAFF, NOBODY, ALL_CALLS_STAFF, ALL_CALLS_STAFF
    ),
    "consultations_busysource": ModelAccess(
        CALENDAR_STAFF, CALENDAR_STAFF, CALENDAR_STAFF, CALENDAR_STAFF, OWNERS, OWNERS, OWNERS
    ),
    "consultations_practitionerhours": ModelAccess(
        CALL_STAFF, NOBODY, CALL_STAFF, NOBODY, ALL_CALLS_STAFF, ALL_CALLS_STAFF
    ),
    "consultations_consultationtype": ModelAccess(CALL_STAFF, OWNERS, OWNERS, OWNERS),
    "consultations_comment": ModelAccess(MODERATORS, NOBODY, MODERATORS),
    "consultations_invitation": ModelAccess(OWNERS, OWNERS),
    "consultations_tombstone": ModelAccess(OWNERS),
    "consultations_wordpressimport": OWNER_ACCESS,
    "consultations_outgoingemail": ModelAccess(OWNERS, NOBODY, OWNERS),
    "consultations_emailtext": ModelAccess(OWNERS, NOBODY, OWNERS),
    "consultations_screeningsettings": ModelAccess(OWNERS, NOBODY, OWNERS),
}


@dataclass(frozen=True)
class PageAccess:
    """Any other URL: who may open it, who may post to it, and whose row it shows."""

    get: str
    post: str | None = None  # None: posting does nothing of its own
    row: str = ""  # the kind of row in its URL
    other_get: str | None = None
    other_post: str | None = None


def _row_page(get: str, other: str | None = None) -> PageAccess:
    return PageAccess(get, get, "row", other, other)


PAGE_ACCESS = {
    "index": PageAccess(ALL_STAFF),
    "app_list:pages": PageAccess(WRITERS),
    "app_list:auth": PageAccess(OWNERS),
    "app_list:consultations": PageAccess(ALL_STAFF),
    "jsi18n": PageAccess(ALL_STAFF),
    "search": PageAccess(ALL_STAFF, ALL_STAFF),
    "hide_first_days": PageAccess(NOBODY, OWNERS),
    "link_choices": PageAccess(WRITERS),
    "pages_article_versions": _row_page(WRITERS, CONTENT_EDITORS),
    "pages_article_preview": _row_page(WRITERS, CONTENT_EDITORS),
    "pages_article_autosave": PageAccess(NOBODY, WRITERS, "row", NOBODY, CONTENT_EDITORS),
    "pages_article_autosave_new": PageAccess(NOBODY, WRITERS),
    "pages_sitepage_versions": _row_page(CONTENT_EDITORS),
    "pages_sitepage_preview": _row_page(CONTENT_EDITORS),
    "pages_freepage_versions": _row_page(CONTENT_EDITORS),
    "pages_freepage_preview": _row_page(CONTENT_EDITORS),
    "pages_look_preview": PageAccess(NOBODY, OWNERS),
    "pages_look_preview_css": PageAccess(OWNERS),
    "pages_picture_picker": PageAccess(WRITERS, WRITERS),
    "pages_picture_upload": PageAccess(NOBODY, WRITERS),
    "pages_picture_describe": PageAccess(NOBODY, WRITERS),
    "pages_reusableblock_choices": PageAccess(WRITERS),
    "pages_menuentry_customize": PageAccess(CONTENT_EDITORS, CONTENT_EDITORS),
    **{
        f"pages_{model}_move": PageAccess(CONTENT_EDITORS, CONTENT_EDITORS)
        for model in (
            *("menuentry", "service", "fee", "frequentquestion", "crisisline", "practitioner"),
        )
    },
    "pages_referral_move": PageAccess(OWNERS, OWNERS),
    "auth_user_password_change": PageAccess("s", "s", "row", "s", "s"),
    "consultations_consultation_action": PageAccess(
        CALL_STAFF, CALL_STAFF, "row", ALL_CALLS_STAFF, ALL_CALLS_STAFF
    ),
    "consultations_consultation_week": PageAccess(CALL_STAFF),
    "consultations_consultation_add_request": PageAccess(CALL_STAFF, CALL_STAFF),
    "consultations_consultation_export": PageAccess(OWNERS, OWNERS),
    "consultations_consultation_block": PageAccess(CALL_STAFF, CALL_STAFF),
    "consultations_consultation_waitlist": PageAccess(CALL_STAFF),
    "consultations_busysource_sync_now": PageAccess(NOBODY, CALENDAR_STAFF, "row", NOBODY, OWNERS),
    "consultations_practitionerhours_renew_feed_url": PageAccess(
        NOBODY, CALL_STAFF, "row", NOBODY, ALL_CALLS_STAFF
    ),
    "consultations_consultationtype_preview": PageAccess(CALL_STAFF),
    "consultations_comment_undo": PageAccess(MODERATORS, MODERATORS),
    "consultations_comment_export": PageAccess(OWNERS, OWNERS),
    "consultations_comment_search": PageAccess(MODERATORS, MODERATORS),
    "consultations_comment_reply": _row_page(MODERATORS),
    "consultations_comment_redact": _row_page(MODERATORS),
    "consultations_comment_reveal": _row_page(MODERATORS),
    "consultations_comment_erase": _row_page(MODERATORS),
    "consultations_tombstone_find_person": PageAccess(OWNERS, OWNERS),
    "consultations_tombstone_retention": PageAccess(OWNERS, OWNERS),
    "consultations_wordpressimport_run": PageAccess(NOBODY, OWNERS, "row"),
}
# Asked in tests of their own: they take the place of a look-up, of signing in and out, or answer
# with the same words to everybody.
TESTED_ELSEWHERE = {
    "autocomplete",
    "view_on_site",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "(?P<url>.*)$",
}
