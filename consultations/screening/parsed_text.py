"""Read a submission as a person sees it: undo disguises, find phrases, parse once for all users.

Pure. Undone are: width and style of letters, accents, case, zero-width characters, look-alike
letters of other alphabets, digits for letters, and s p a c e d words. Every pattern is bounded and
has no nested repetition, so that time stays linear in the text.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from consultations.screening.topic_words import FEELINGS, PHRASE_GROUPS, TRADES

# --- disguises ---

# Look-alikes of Latin letters, each followed by the Latin one: Cyrillic, Greek, small capitals,
# and Latin letters whose stroke or missing dot Unicode normalization keeps.
_LOOKALIKE_PAIRS = (
    "аa вb еe кk мm нh оo рp сc тt уy хx іi јj ѕs һh ԁd ԛq ԝw ӏl гr пn ьb "
    "αa βb εe ηn ιi κk νv οo ρp τt υu χx γy ωw "
    "ᴀa ʙb ᴄc ᴅd ᴇe ɢg ʜh ɪi ᴊj ᴋk ʟl ᴍm ɴn ᴏo ᴘp ʀr ᴛt ᴜu ᴠv ᴡw ʏy ᴢz "
    "ıi ɩi ɑa ɡg ƒf łl øo đd ðd ɛe"
)
_LOOKALIKES = {ord(pair[0]): pair[1] for pair in _LOOKALIKE_PAIRS.split()}
# Cyrillic and Greek words stay; a letter is replaced only in a word with Latin letters.
_LATIN = re.compile(r"[a-z]")
_NON_ASCII = re.compile(r"[^\x00-\x7f]")
_DIGIT_TO_LETTER = str.maketrans("013457@$!|", "oieastasil")
_WORD = re.compile(r"[^\W_]+")
_APOSTROPHES = re.compile(r"[’'‘`´ʼ]")
# "$" and the like are punctuation at the end of a word, and letters within it.
_DISGUISED_WORD = re.compile(r"[^\W_@]*[\w@$!|]*[^\W_]")
_TAG = re.compile(r"<[^<>]{0,500}>")
# "v i a g r a", "c.a.s.i.n.o": single letters with the same separator between them.
_SPACED_WORD = re.compile(r"(?<![^\W_])[^\W\d_]([ .\-_*·])[^\W\d_](?:\1[^\W\d_]){2,30}(?![^\W_])")
_UNSPACED_SCRIPT = re.compile(r"([\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff])")


def visible_text(text: str) -> str:
    """Return the text as readers see it: entities and compatibility forms replaced, invisible
    characters removed."""
    if "&" in text:
        text = html.unescape(text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    return "".join(c for c in text if unicodedata.category(c) not in ("Cf", "Cs", "Co"))


def remove_tags(text: str) -> str:
    """Replace HTML tags by spaces."""
    return _TAG.sub(" ", text) if "<" in text else text


def fold_text(text: str) -> str:
    """Return the visible text for comparison: lower case, without accents and look-alikes."""
    text = _APOSTROPHES.sub("", visible_text(text).casefold())
    if text.isascii():
        return text
    text = unicodedata.normalize("NFD", text)
    text = "".join(c for c in text if unicodedata.category(c) != "Mn")
    return _WORD.sub(_replace_lookalikes, text)


def _replace_lookalikes(match: re.Match[str]) -> str:
    word = match.group()
    if _NON_ASCII.search(word) and (_LATIN.search(word) or _is_all_lookalikes(word)):
        return word.translate(_LOOKALIKES)
    return word


# A word made only of these looks Latin, such as "сахо".
_LATIN_LOOKALIKES = frozenset("асеорхуіјѕһԁԛԝӏ")


def _is_all_lookalikes(word: str) -> bool:
    return len(word) > 2 and _LATIN_LOOKALIKES.issuperset(word)


def folded_words(text: str) -> list[str]:
    """Return the folded words in order; in scripts without spaces each character is a word."""
    folded = fold_text(text)
    if not folded.isascii():
        folded = _UNSPACED_SCRIPT.sub(r" \1 ", folded)
    return _WORD.findall(folded)


def undisguised_words(text: str) -> list[str]:
    """Return the folded words with d1gits, $igns and s p a c e d words undone.

    Equal to `folded_words` for a text without disguises.
    """
    folded = _SPACED_WORD.sub(_join_letters, fold_text(text))
    return _WORD.findall(_DISGUISED_WORD.sub(_replace_digits, folded))


def _join_letters(match: re.Match[str]) -> str:
    return "".join(c for c in match.group() if c.isalpha())


def _replace_digits(match: re.Match[str]) -> str:
    written = match.group()
    if len(written) > 30 or written.isalpha() or not _LATIN.search(written):
        return written
    plain = written.translate(_DIGIT_TO_LETTER)
    return plain if plain.isalpha() else written


def count_scripts(text: str) -> dict[str, int]:
    """Return the number of letters by alphabet: latin, cyrillic, greek, arabic, hebrew, cjk, ..."""
    if text.isascii():
        letters = sum(map(str.isalpha, text))
        return {"latin": letters} if letters else {}
    return dict(Counter(script_of(c) for c in text if c.isalpha()))


_SCRIPT_RANGES = (
    (0x0041, 0x024F, "latin"), (0x0250, 0x02FF, "latin"), (0x0370, 0x03FF, "greek"),
    (0x0400, 0x052F, "cyrillic"), (0x0530, 0x058F, "armenian"), (0x0590, 0x05FF, "hebrew"),
    (0x0600, 0x077F, "arabic"), (0x08A0, 0x08FF, "arabic"), (0x0900, 0x0DFF, "indic"),
    (0x0E00, 0x0E7F, "thai"), (0x10A0, 0x10FF, "georgian"), (0x1200, 0x137F, "ethiopic"),
    (0x1780, 0x17FF, "khmer"), (0x1E00, 0x1EFF, "latin"), (0x1F00, 0x1FFF, "greek"),
    (0x3040, 0x30FF, "cjk"), (0x3400, 0x9FFF, "cjk"), (0x1100, 0x11FF, "hangul"),
    (0xAC00, 0xD7AF, "hangul"), (0x20000, 0x2FFFF, "cjk"),
)  # fmt: skip


def script_of(character: str) -> str:
    code = ord(character)
    if code < 0x250:
        return "latin"
    for first, last, name in _SCRIPT_RANGES:
        if first <= code <= last:
            return name
    return "other"


# The alphabet of languages that are not written in the Latin one.
_SCRIPT_BY_LANGUAGE = {
    "ru": "cyrillic", "uk": "cyrillic", "bg": "cyrillic", "sr": "cyrillic", "mk": "cyrillic",
    "el": "greek", "he": "hebrew", "ar": "arabic", "fa": "arabic", "ur": "arabic", "hi": "indic",
    "bn": "indic", "ta": "indic", "th": "thai", "ka": "georgian", "hy": "armenian", "ko": "hangul",
    "ja": "cjk", "zh": "cjk", "am": "ethiopic", "km": "khmer",
}  # fmt: skip


def scripts_for_language(language: str) -> frozenset[str]:
    """Return the alphabets of a language, such as "en-us"."""
    return frozenset({_SCRIPT_BY_LANGUAGE.get(language.partition("-")[0].lower(), "latin")})


def has_mixed_script_word(text: str) -> bool:
    """Return whether a word mixes alphabets that look alike, on purpose or by mistake."""
    for word in _WORD.findall(text):
        if not word.isascii():
            scripts = {script_of(c) for c in word if c.isalpha()}
            if len(scripts & {"latin", "cyrillic", "greek"}) > 1:
                return True
    return False


# --- phrases: whole folded words ---

MAX_PHRASE_WORDS = 8


class PhraseSet:
    """Phrases prepared for matching. A "*" at the end matches any ending of the last word."""

    def __init__(self, phrases: Iterable[str]) -> None:
        self._whole: dict[tuple[str, ...], str] = {}
        # Phrases with a star: by the words before the last one, with the start of the last word.
        self._prefixes: dict[tuple[str, ...], list[tuple[str, str]]] = {}
        # Single words with a star: by the first letter, to compare few of them with each word.
        self._word_prefixes: dict[str, list[tuple[str, str]]] = {}
        self._longest_from: dict[str, int] = {}
        for phrase in phrases:
            self._add(phrase)

    def _add(self, phrase: str) -> None:
        parts = tuple(folded_words(phrase))[:MAX_PHRASE_WORDS]
        if not parts:
            return
        has_star = phrase.rstrip().endswith("*")
        if has_star and len(parts) == 1:
            self._word_prefixes.setdefault(parts[0][0], []).append((parts[0], phrase))
            return
        if has_star:
            self._prefixes.setdefault(parts[:-1], []).append((parts[-1], phrase))
        else:
            self._whole[parts] = phrase
        self._longest_from[parts[0]] = max(self._longest_from.get(parts[0], 0), len(parts))

    def find(self, text_words: Sequence[str]) -> list[str]:
        """Return every phrase that is in the words, each once, in the order of the text."""
        hits: dict[str, None] = {}
        for position, word in enumerate(text_words):
            for begin, phrase in self._word_prefixes.get(word[:1], ()):
                if word.startswith(begin):
                    hits[phrase] = None
            for length in range(1, self._longest_from.get(word, 0) + 1):
                part = tuple(text_words[position : position + length])
                if len(part) < length:
                    break
                if (whole := self._whole.get(part)) is not None:
                    hits[whole] = None
                for begin, phrase in self._prefixes.get(part[:-1], ()):
                    if part[-1].startswith(begin):
                        hits[phrase] = None
        return list(hits)

    def has(self, text_words: Sequence[str]) -> bool:
        return bool(self.find(text_words))

    def __bool__(self) -> bool:
        return bool(self._whole or self._prefixes or self._word_prefixes)


@lru_cache(maxsize=64)
def compile_phrases(phrases: tuple[str, ...]) -> PhraseSet:
    """Return the phrases prepared for matching, cached."""
    return PhraseSet(phrases)


# --- one submission ---

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
        self.seen = shorten(visible_text(self.raw))
        self.links = _LINK.findall(self.seen)
        self.has_markup_link = _MARKUP_LINK.search(self.seen) is not None
        self.plain = remove_tags(_LINK.sub(" ", self.seen))
        self.words = folded_words(self.plain)

    @cached_property
    def undisguised_words(self) -> list[str]:
        """The words with disguises undone, after a "" separator; empty if there is no disguise."""
        meant = undisguised_words(self.plain)
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
        return folded_words(self.name)

    @cached_property
    def url_groups(self) -> dict[str, int]:
        return count_groups(url_words(self.url))

    @cached_property
    def name_groups(self) -> dict[str, int]:
        return count_groups([*self.name_words, "", *undisguised_words(self.name)])

    @cached_property
    def is_name_an_address(self) -> bool:
        name = visible_text(self.name)
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
        match = _HOST.match(visible_text(self.url))
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
    return folded_words(re.sub(r"https?|www|\.html?|\.php|_", " ", address))
