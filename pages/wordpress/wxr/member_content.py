"""Recognize members-only content by the shortcodes, blocks and meta keys of plugins. No I/O."""

import re

# Content inside these is left out: publishing what only members could read would be a breach.
MEMBER_SHORTCODES = frozenset({
    "private", "members", "member", "members_only", "members_logged_in", "members_access",
    "members_feed", "membership", "memb_has_any_tag", "mepr_active", "mepr_show", "mepr_rule",
    "restrict", "restricted", "restrict_content", "rcp_restrict", "is_paid", "not_logged_in_hide",
    "wlm_private", "wlm_ismember", "s2if", "s2member_profile", "ihc_hide_content", "um_loggedin",
    "um_show_content", "user_only", "loggedin", "logged_in", "is_user_logged_in", "if_logged_in",
    "protected", "protect", "passster", "content_protector", "password_protect", "ppwp",
    "pmpro", "wcm_restrict", "wpmem_logged_in", "wpmem_form", "groups_member", "groups_can",
    "hide", "hidden", "private_note",
    "clients_only", "paywall",
})  # fmt: skip
MEMBER_BLOCKS = frozenset({
    "jetpack/premium-content", "premium-content/container", "premium-content/subscriber-view",
    "jetpack/paywall", "pmpro/membership", "memberpress/protected-content", "rcp/restrict",
    "restrict-content-pro/restrict", "members/private", "groups/groups-member",
    "ultimate-member/content", "um-block/um-member", "ppwp/protected", "passster/protected",
})  # fmt: skip
# Everything after this block was for subscribers only.
PAYWALL_BLOCK = "jetpack/paywall"


# Meta keys with which plugins restrict a post, and the values that mean "not restricted".
PUBLIC_META_VALUES = {
    "",
    "0",
    "no",
    "off",
    "false",
    "a:0:{}",
    "[]",
    "all",
    "none",
    "null",
    "everybody",
}
ACCESS_META_KEYS = frozenset({
    "_members_access_role", "rcp_user_level", "rcp_access_level", "rcp_subscription_level",
    "_is_paid", "_jetpack_newsletter_access", "_jetpack_memberships_contains_paid_content",
    "passster_activate_protection", "_passster_activate_protection", "ihc_mb_who", "_wpmem_block",
    "groups-groups_read_post", "groups-read", "um_content_restriction",
})  # fmt: skip
MEMBERS_ONLY_RE = re.compile(r'_um_accessible";[si]:(?:1:")?2')


def is_members_only(meta: dict[str, str]) -> bool:
    """Return whether a plugin restricted this post to members."""
    for key in ACCESS_META_KEYS & meta.keys():
        value = meta[key].strip()
        if key == "um_content_restriction":
            if MEMBERS_ONLY_RE.search(value):
                return True
        elif value.lower() not in PUBLIC_META_VALUES:
            return True
    return False
