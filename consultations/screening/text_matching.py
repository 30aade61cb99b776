"""Normalize text and find phrases in it, whatever letters they are disguised with.

Pure, and linear in the text. Undone are: width and style of letters, accents, case, zero-width
characters, look-alike letters of other alphabets, digits for letters, and s p a c e d words.
"""

import html
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache

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


# Finding phrases in a text: whole folded words.

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
