"""Who may open and who may post what in the admin: one letter for each kind of staff.

    a author   e editor   m moderator   p practitioner   i intake   o owner
    s superuser   n somebody of the staff without a role

An address that is not named here fails the test: whoever adds one says who it is for.
"""

from dataclasses import dataclass

LETTERS = {
    "a": "author",
    "e": "editor",
    "m": "moderator",
    "p": "practitioner",
    "i": "intake",
    "o": "owner",
    "s": "",
    "n": "",
}
ALL = "aemposin"
WRITE, CONTENT, HEAD, CALLS = "aeos", "eos", "os", "pios"
NOBODY = ""


@dataclass(frozen=True)
class Kind:
    """The six addresses that Django makes for a model; ``other``: of a row of somebody else's."""

    see: str
    add: str = NOBODY
    change: str = NOBODY
    delete: str = NOBODY
    other_see: str | None = None
    other_change: str | None = None
    other_delete: str | None = None

    def for_other_row(self) -> "Kind":
        return Kind(
            self.see if self.other_see is None else self.other_see,
            self.add,
            self.change if self.other_change is None else self.other_change,
            self.delete if self.other_delete is None else self.other_delete,
        )


CONTENT_KIND = Kind(CONTENT, CONTENT, CONTENT, CONTENT)
HEAD_KIND = Kind(HEAD, HEAD, HEAD, HEAD)

KINDS = {
    "pages_article": Kind(WRITE, WRITE, WRITE, WRITE, CONTENT, CONTENT, CONTENT),
    "pages_picture": Kind(WRITE, WRITE, WRITE, CONTENT, WRITE, CONTENT, CONTENT),
    "pages_category": CONTENT_KIND,
    "pages_tag": CONTENT_KIND,
    "pages_service": CONTENT_KIND,
    "pages_fee": CONTENT_KIND,
    "pages_frequentquestion": CONTENT_KIND,
    "pages_crisisline": CONTENT_KIND,
    "pages_redirect": CONTENT_KIND,
    "pages_reusableblock": CONTENT_KIND,
    "pages_sitepage": CONTENT_KIND,
    "pages_freepage": CONTENT_KIND,
    "pages_menuentry": CONTENT_KIND,
    "pages_practitioner": Kind(CONTENT, HEAD, CONTENT, HEAD),
    "pages_searchsynonyms": Kind(CONTENT, NOBODY, CONTENT, HEAD),
    "pages_practiceprofile": Kind(HEAD, NOBODY, HEAD),
    # The other one is a superuser.
    "auth_user": Kind(HEAD, "s", HEAD, "s", HEAD, "s", "s"),
    # The other one is the group of a role.
    "auth_group": Kind("s", "s", "s", "s", "s", NOBODY, NOBODY),
    "consultations_auditentry": Kind(ALL, other_see=HEAD),
    "consultations_consultation": Kind(CALLS, CALLS, CALLS, NOBODY, "ios", "ios"),
    "consultations_busysource": Kind("pos", "pos", "pos", "pos", HEAD, HEAD, HEAD),
    "consultations_practitionerhours": Kind(CALLS, NOBODY, CALLS, NOBODY, "ios", "ios"),
    "consultations_consultationtype": Kind(CALLS, HEAD, HEAD, HEAD),
    "consultations_comment": Kind("mos", NOBODY, "mos"),
    "consultations_invitation": Kind(HEAD, HEAD),
    "consultations_tombstone": Kind(HEAD),
    "consultations_wordpressimport": HEAD_KIND,
    "consultations_outgoingemail": Kind(HEAD, NOBODY, HEAD),
    "consultations_screeningsettings": Kind(HEAD, NOBODY, HEAD),
}


@dataclass(frozen=True)
class Page:
    """Any other address: who may open it, who may post to it; of whose row it is."""

    get: str
    post: str | None = None  # None: posting there is no act of its own
    row: str = ""  # the kind of row in its address
    other_get: str | None = None
    other_post: str | None = None


def _versions(get: str, other: str | None = None) -> Page:
    return Page(get, get, "row", other, other)


PAGES = {
    "index": Page(ALL),
    "app_list:pages": Page(WRITE),
    "app_list:auth": Page(HEAD),
    "app_list:consultations": Page(ALL),
    "jsi18n": Page(ALL),
    "link_choices": Page(WRITE),
    "pages_article_versions": _versions(WRITE, CONTENT),
    "pages_article_preview": _versions(WRITE, CONTENT),
    "pages_sitepage_versions": _versions(CONTENT),
    "pages_sitepage_preview": _versions(CONTENT),
    "pages_freepage_versions": _versions(CONTENT),
    "pages_freepage_preview": _versions(CONTENT),
    "pages_picture_picker": Page(WRITE, WRITE),
    "pages_reusableblock_choices": Page(WRITE),
    "pages_menuentry_own": Page(CONTENT, CONTENT),
    "auth_user_password_change": Page("s", "s", "row", "s", "s"),
    "consultations_consultation_act": Page(CALLS, CALLS, "row", "ios", "ios"),
    "consultations_consultation_week": Page(CALLS),
    "consultations_consultation_waiting": Page(CALLS),
    "consultations_busysource_read_now": Page(NOBODY, "pos", "row", NOBODY, HEAD),
    "consultations_practitionerhours_new_feed": Page(NOBODY, CALLS, "row", NOBODY, "ios"),
    "consultations_consultationtype_preview": Page(CALLS),
    "consultations_comment_undo": Page("mos", "mos"),
    "consultations_comment_search": Page("mos", "mos"),
    "consultations_comment_reply": _versions("mos"),
    "consultations_comment_redact": _versions("mos"),
    "consultations_comment_reveal": _versions("mos"),
    "consultations_comment_erase": _versions("mos"),
    "consultations_tombstone_person": Page(HEAD, HEAD),
    "consultations_tombstone_retention": Page(HEAD, HEAD),
    "consultations_wordpressimport_take_over": Page(NOBODY, HEAD, "row"),
}
# Asked in tests of their own: they take the place of a look-up, of signing in and out, or answer
# with the same words to everybody.
ELSEWHERE = {
    "autocomplete",
    "view_on_site",
    "login",
    "logout",
    "password_change",
    "password_change_done",
    "(?P<url>.*)$",
}
