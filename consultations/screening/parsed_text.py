"""Parse a submission once for rules, scorer and distress list. Pure.

Every pattern is bounded and has no nested repetition, so that time stays linear in the text.
"""

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from consultations.screening import text_matching
from consultations.screening.text_matching import PhraseSet
from consultations.screening.topic_words import FEELINGS, PHRASE_GROUPS, TRADES

# Longer texts are screened by their beginning and end; the form accepts none that long.
MAX_HEAD_CHARS, MAX_TAIL_CHARS = 12_000, 4_000
MAX_FIELD_CHARS = 500
SALES_TOPICS = ("pharma", "gambling", "search_ranking", "goods", "money", "crypto", "adult", "hire")
SALES_GROUPS = (*SALES_TOPICS, "probe")
_LINK = re.compile(
    r"(?:https?|hxxps?|ftp)://[^\s<>\"'\])]{1,300}|\bwww\.[^\s<>\"'\])]{1,300}", re.I
)
_MARKUP_LINK = re.compile(r"<a\s[^<>]{0,20}href|\[url|\[link|\]\(https?:", re.I)
_DOMAIN = re.compile(
    r"(?<![\w@.-])[a-z0-9-]{2,60}\.(?:com|net|org|info|ru|biz|shop|xyz|co|io|me|tv|online|site|top"
    r"|club|store|app|link|click|live|pro|vip|bet|casino|uk|de|in|us|pk|cn|ly|gl|gd|cc|ws)\b(?!\.\w)",
    re.I,
)
_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{2,64}(?:@| ?\(at\) ?|\[at\]| at )[\w-]{2,60}(?:\.| ?\(dot\) ?| dot )"
    r"(?:com|net|org|info|co|ru)\b",
    re.I,
)
_PHONE = re.compile(r"(?<![\w/.=-])\+?[0-9][0-9 ().-]{6,20}[0-9](?!\w)")
_SHORT_CODE = re.compile(
    r"\b(?:text|txt|send|sms|call|to|reply|msg)\b.{0,25}?\b[0-9]{4,6}\b", re.I | re.S
)
_MONEY = re.compile(
    r"[$£€₹]\s?[0-9]|\b[0-9][0-9.,]{0,12}\s?(?:usd|eur|gbp|dollars|pounds|p/|k/)", re.I
)
_RATE = re.compile(
    r"\b[0-9]{1,4}\s?p\b|p/min|ppm\b|/min\b|\bp per\b|per min|\bpobox\b|\bpo box\b", re.I
)
_HOST = re.compile(r"^(?:[a-z]{2,6}://)?([^/?#\s]{1,200})([^\s]{0,300})", re.I)
_SALES_HOST = re.compile(
    r"casino|viagra|cialis|pharm|pills|meds|poker|slots|bet(?:s|ting|365)|loan|payday|seo|backlink"
    r"|replica|outlet|cheap|escort|porn|xxx|sex|cams?\b|crypto|bitcoin|binance|forex|essay|hack|spell"
    r"|vape|cbd|keto|followers|coupon|discount|deals|buy|shop|store|sale|marketing|insurance|apk"
    r"|rent|taxi|movers|plumb|roof|repair|cleaning",
    re.I,
)
_HELP_HOST = re.compile(
    r"lifeline|samaritans|help-?line|hot-?line|crisis|suicid|befrienders|nami\.org|rainn\.org|nhs\.uk"
    r"|\bwho\.int|mind\.org|childline|childhelp|telefonseelsorge|giveusashout|3114\.fr|113\.nl|143\.ch"
    r"|988\.ca|womensaid|refuge\.org|alcoholics|al-anon|nakos\.de|thetrevorproject|samhsa",
    re.I,
)
FIRST_PERSON_WORDS = frozenset(["i", "im", "ive", "id", "ill", "my", "me", "myself", "mine"])
_OTHER_PERSON_WORDS = frozenset(
    ["he", "she", "him", "her", "his", "hers", "we", "us", "our", "they", "them"]
)
_FEELING_WORDS = frozenset(FEELINGS.split())


@dataclass(frozen=True)
class Submission:
    """The fields of a comment form; any may be empty."""

    text: str = ""
    name: str = ""
    email: str = ""
    url: str = ""
    marks: tuple[str, ...] = ()  # suspicions of the form: honeypot, too_fast, no_time


def shorten(text: str) -> str:
    """Return the beginning and end of a text that is too long to screen as a whole."""
    if len(text) <= MAX_HEAD_CHARS + MAX_TAIL_CHARS:
        return text
    return f"{text[:MAX_HEAD_CHARS]} {text[-MAX_TAIL_CHARS:]}"


class ParsedSubmission:
    """A submission with everything that rules, scorer and distress list derive from it."""

    def __init__(self, submission: Submission) -> None:
        self.name = submission.name[:MAX_FIELD_CHARS]
        self.email = submission.email[:MAX_FIELD_CHARS]
        self.url = submission.url[:MAX_FIELD_CHARS].strip()
        self.raw = shorten(submission.text)
        # Normalizing may expand one character to many: shorten again.
        self.seen = shorten(text_matching.visible_text(self.raw))
        self.links = _LINK.findall(self.seen)
        self.has_markup_link = _MARKUP_LINK.search(self.seen) is not None
        self.plain = text_matching.remove_tags(_LINK.sub(" ", self.seen))
        self.words = text_matching.folded_words(self.plain)

    @cached_property
    def undisguised_words(self) -> list[str]:
        """The words with disguises undone, after a "" separator; empty if there is no disguise."""
        meant = text_matching.undisguised_words(self.plain)
        return [] if meant == self.words else ["", *meant]

    @cached_property
    def domains(self) -> list[str]:
        return _DOMAIN.findall(self.plain)

    @cached_property
    def has_email(self) -> bool:
        return _EMAIL.search(self.plain) is not None

    @cached_property
    def has_phone(self) -> bool:
        return _PHONE.search(self.plain) is not None

    @cached_property
    def has_short_code(self) -> bool:
        return _SHORT_CODE.search(self.plain) is not None

    @cached_property
    def has_rate(self) -> bool:
        """Names the price of a call or message, as premium-rate services must."""
        return _RATE.search(self.plain) is not None

    @cached_property
    def has_money(self) -> bool:
        return _MONEY.search(self.plain) is not None

    @cached_property
    def groups(self) -> dict[str, int]:
        """How many phrases of each group are in the text, also with disguises undone."""
        return count_groups([*self.words, *self.undisguised_words])

    @cached_property
    def link_groups(self) -> dict[str, int]:
        return count_groups(url_words(" ".join(self.links[:20])))

    @cached_property
    def name_words(self) -> list[str]:
        return text_matching.folded_words(self.name)

    @cached_property
    def url_groups(self) -> dict[str, int]:
        return count_groups(url_words(self.url))

    @cached_property
    def name_groups(self) -> dict[str, int]:
        return count_groups([*self.name_words, "", *text_matching.undisguised_words(self.name)])

    @cached_property
    def is_name_an_address(self) -> bool:
        name = text_matching.visible_text(self.name)
        return bool(_LINK.search(name) or _DOMAIN.search(name) or _EMAIL.search(name))

    @cached_property
    def asks(self) -> bool:
        """Whether it links, sells or asks for contact: nothing else is classified as spam."""
        return bool(
            self.links
            or self.has_markup_link
            or self.domains
            or self.url
            or self.has_email
            or self.has_phone
            or self.has_short_code
            or self.has_rate
            or self.is_name_an_address
            or self.groups.keys() & {"offer", "channel", "mobile", "probe"}
            or (self.has_money and self.groups)
            or self.has_sales_name
            or sum(self.groups.get(name, 0) for name in SALES_GROUPS) >= 2
        )

    @cached_property
    def is_help_referral(self) -> bool:
        """Names or links a help line, and sells nothing."""
        if self.has_sales_topic or self.groups.keys() & {"mobile", "channel"}:
            return False
        return "help" in self.groups or any(_HELP_HOST.search(link) for link in self.links)

    @cached_property
    def has_sales_topic(self) -> bool:
        """Names something that is often advertised, in any field."""
        named = self.groups.keys() | self.link_groups.keys()
        return bool(named & set(SALES_GROUPS)) or self.has_sales_name or self.has_sales_url

    @cached_property
    def has_contact(self) -> bool:
        return bool(self.links or self.domains or self.has_email or self.has_phone)

    @cached_property
    def has_sales_name(self) -> bool:
        return bool(self.name_groups.keys() & set(SALES_GROUPS))

    @cached_property
    def host_and_path(self) -> tuple[str, str]:
        """Host and path of the website field."""
        match = _HOST.match(text_matching.visible_text(self.url))
        return (match[1], match[2]) if match else ("", "")

    @cached_property
    def name_trade_count(self) -> int:
        """How many trade words the name has."""
        return len(_TRADE_PHRASES.find(self.name_words))

    @cached_property
    def url_trade_count(self) -> int:
        return len(_TRADE_PHRASES.find(url_words(self.url)))

    @cached_property
    def is_name_in_url_path(self) -> bool:
        """A search phrase as name: "car accident lawyer" at ".../car-accident-lawyer-phoenix"."""
        path = set(url_words(self.host_and_path[1]))
        return len(self.name_words) >= 2 and path.issuperset(self.name_words)

    @cached_property
    def has_sales_url(self) -> bool:
        named = self.url_groups.keys() & set(SALES_GROUPS)
        return bool(named or _SALES_HOST.search(self.host_and_path[0]))

    @cached_property
    def is_about_people(self) -> bool:
        """Is about the writer or other people and offers nothing, even with a number or link.

        People who need help write "I cannot sleep, please call me on ...".
        """
        if self.has_sales_name or self.has_sales_url or self.has_markup_link or len(self.links) > 1:
            return False
        if self.has_rate or self.has_money or self.is_name_an_address:
            return False
        if self.has_short_code and not self.has_phone:
            return False
        if self.groups.keys() & {"offer", "channel", "probe"} or (self.url and self.groups):
            return False
        if sum(self.groups.get(name, 0) for name in ("mobile", *SALES_GROUPS)) > 1:
            return False
        pronouns = sum(
            word in FIRST_PERSON_WORDS or word in _OTHER_PERSON_WORDS for word in self.words
        )
        return pronouns >= 0.06 * len(self.words) and pronouns > 0

    @cached_property
    def is_personal(self) -> bool:
        """Is about the writer's own life and sells nothing: never spam."""
        if len(self.words) < 6 or self.has_sales_name or self.has_sales_url:
            return False
        if self.url and "praise" in self.groups:
            return False
        if self.groups.get("hire", 0) >= 2 and self.has_contact:
            return False  # a story that sells: "Dr X saved my marriage, write to him"
        first_person = sum(word in FIRST_PERSON_WORDS for word in self.words)
        share = first_person / len(self.words)
        return share >= 0.05 and any(word in _FEELING_WORDS for word in self.words)


_GROUP_BY_PHRASE = {phrase: name for name, phrases in PHRASE_GROUPS.items() for phrase in phrases}
_GROUP_PHRASES = PhraseSet(_GROUP_BY_PHRASE)
_TRADE_PHRASES = PhraseSet(TRADES)


def count_groups(words: list[str]) -> dict[str, int]:
    """Return how many different phrases of each group are in these words."""
    return dict(Counter(_GROUP_BY_PHRASE[phrase] for phrase in _GROUP_PHRASES.find(words)))


def url_words(address: str) -> list[str]:
    """Return the words of a web address."""
    return text_matching.folded_words(re.sub(r"https?|www|\.html?|\.php|_", " ", address))
