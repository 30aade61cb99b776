"""Reads a reply of the practice before everybody does: does it tell who is a client? Pure.

Practices were fined for public answers that revealed one. The guard works here, on the words
alone; it warns and marks, and people decide. It knows English wording. Findings say where and
why; they are kept nowhere but as codes.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.comments.reply_guard.names import GIVEN_NAMES, GREETINGS, ORDINARY_WORDS, TITLES
from consultations.comments.reply_guard.patterns import ADVICE_PATTERNS, CLIENT_PATTERNS

CONFIRMS_CLIENT, NAMES_PERSON, MEDICAL_ADVICE, CONTACT_DETAILS = (
    "confirms_client",
    "names_person",
    "medical_advice",
    "contact_details",
)
REASONS: dict[str, Any] = {
    CONFIRMS_CLIENT: _(
        "This tells readers that somebody is or was a client, or is not. "
        "Practices were fined for such answers, even when the writer said it first."
    ),
    NAMES_PERSON: _("The writer did not use this name. It may tell readers who they are."),
    MEDICAL_ADVICE: _(
        "This reads like advice or a diagnosis for one person whom nobody here has seen."
    ),
    CONTACT_DETAILS: _("An address or a number that is not the practice’s own."),
}
# Offered on the reply page; each passes the guard.
REPLY_TEMPLATES: tuple[tuple[str, Any], ...] = (
    (
        "thanks",
        _("Thank you for reading, and for taking the time to write. Others may find it helpful."),
    ),
    (
        "private",
        _(
            "Thank you for writing. We cannot speak about anybody’s own situation in public, and "
            "we never say who works with us. You are welcome to call or write to us directly."
        ),
    ),
    (
        "no_advice",
        _(
            "Thank you for your question. We cannot give advice to one person here. "
            "A doctor or a counselor who can listen to the whole story is the right person to ask."
        ),
    ),
    (
        "hard_time",
        _(
            "Thank you for trusting readers with this. It sounds like a hard time. This page is "
            "not watched day and night: if you may be in danger, please call one of the numbers "
            "under “Get help now”."
        ),
    ),
    (
        "disagree",
        _(
            "Thank you for saying so openly. We are sorry that this is how it reads to you. "
            "If you wish to tell us more, please call or write to us directly."
        ),
    ),
)
_NEUTRAL_SENTENCES: dict[str, Any] = {
    CONFIRMS_CLIENT: _(
        "We never say in public who works with us. You are welcome to write to us directly."
    ),
    MEDICAL_ADVICE: _("We cannot give advice to one person here; a doctor or a counselor can."),
}
_APOSTROPHES = dict.fromkeys(map(ord, "’‘‛ʼ`´′"), "'")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_CHARACTER_MAP = {**_APOSTROPHES, **_DASHES}


def _compile_patterns(patterns: Sequence[str]) -> list[re.Pattern[str]]:
    return [re.compile(rf"(?<![\w'-])(?:{pattern})(?![\w])") for pattern in patterns]


_CODED_PATTERNS = [(CONFIRMS_CLIENT, one) for one in _compile_patterns(CLIENT_PATTERNS)]
_CODED_PATTERNS += [(MEDICAL_ADVICE, one) for one in _compile_patterns(ADVICE_PATTERNS)]
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE_NUMBER = re.compile(r"(?<!\w)\+?\(?\d[\d ().-]{6,20}\d(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# A sentence with the space behind it; a line break ends one too.
_SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…]+(?=\s|$)[ \t]*|\n+|$|[.!?…]+)")


@dataclass(frozen=True)
class Finding:
    """Why, and from where to where in the reply as typed."""

    code: str
    start: int
    end: int


@dataclass(frozen=True)
class TextSegment:
    """A stretch of the reply; ``code`` is "" where nothing was found."""

    text: str
    code: str = ""


def check_reply(reply: str, *, known: Iterable[str] = ()) -> list[Finding]:
    """What to look at again, in reading order. ``known``: all that readers may see already."""
    flat, places = _flatten_text(reply)
    texts = list(known)
    found = [
        Finding(code, places[match.start()], places[match.end() - 1] + 1)
        for code, pattern in _CODED_PATTERNS
        for match in pattern.finditer(flat)
        if match.end() > match.start()
    ]
    found += _find_unknown_names(reply, texts)
    found += _find_unknown_contacts(reply, texts)
    return _drop_overlaps(found)


def finding_codes(findings: Iterable[Finding]) -> list[str]:
    """For the record: reasons, never words."""
    return sorted({finding.code for finding in findings})


def split_by_findings(reply: str, findings: Sequence[Finding]) -> list[TextSegment]:
    """The whole reply in pieces, for a template that escapes each and marks those with a code."""
    pieces, at = [], 0
    for finding in findings:
        pieces.append(TextSegment(reply[at : finding.start]))
        pieces.append(TextSegment(reply[finding.start : finding.end], finding.code))
        at = finding.end
    pieces.append(TextSegment(reply[at:]))
    return [piece for piece in pieces if piece.text]


def neutral_alternative(reply: str, *, known: Iterable[str] = ()) -> str:
    """The reply without the sentences that were found, and a neutral one in their place.

    It passes the guard itself. A reply that consists of little else becomes the whole neutral one.
    """
    texts = list(known)
    findings = check_reply(reply, known=texts)
    kept = [
        match.group()
        for match in _SENTENCE.finditer(reply)
        if not any(f.start < match.end() and match.start() < f.end for f in findings)
    ]
    rest = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    instead = " ".join(
        str(_NEUTRAL_SENTENCES[code])
        for code in finding_codes(findings)
        if code in _NEUTRAL_SENTENCES
    )
    parts = [part for part in (rest, instead) if part]
    offer = "\n\n".join(parts)
    # What is left may read as a name or a memory only now: then nothing of it is kept.
    if len(rest.split()) < 3 or check_reply(offer, known=texts):
        return str(REPLY_TEMPLATES[1][1])
    return offer


def text_digest(reply: str) -> str:
    """Says "these very words were seen with their warnings"; an edit makes it another."""
    return sha256("\n".join(reply.split("\r\n")).strip().encode("utf-8", "replace")).hexdigest()


def code_labels() -> dict[str, str]:
    """Short names of the codes, for the history."""
    return {
        CONFIRMS_CLIENT: _g("may confirm a client"),
        NAMES_PERSON: _g("uses a name"),
        MEDICAL_ADVICE: _g("reads like advice"),
        CONTACT_DETAILS: _g("contact details"),
    }


def _flatten_text(text: str) -> tuple[str, list[int]]:
    """Lower case, no accents and nothing invisible, single spaces; and where each letter stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if unicodedata.category(letter) == "Cf":
            continue  # zero-width signs must not hide a word
        for one in unicodedata.normalize("NFKD", letter.translate(_CHARACTER_MAP)).casefold():
            if unicodedata.combining(one):
                continue
            one = " " if one.isspace() else one
            if one == " " and letters and letters[-1] == " ":
                continue
            letters.append(one)
            places.append(place)
    return "".join(letters), places


def _flatten_word(word: str) -> str:
    return _flatten_text(word)[0]


def _collect_words(texts: Iterable[str]) -> set[str]:
    found = set()
    for text in texts:
        for match in _WORD.finditer(text):
            word = _flatten_word(match.group())
            found |= {word, word.removesuffix("'s")}
    return found


def _find_unknown_names(reply: str, texts: Sequence[str]) -> list[Finding]:
    """Words that look like a given name and that stand nowhere in what readers see."""
    known = ORDINARY_WORDS | _collect_words(texts)
    found = []
    before = ""  # the word before, while it is in the same sentence
    end = 0
    for match in _WORD.finditer(reply):
        between = reply[end : match.start()]
        begins = end == 0 or bool(re.search(r"[.!?…:;\n\"“(•]|\s[-–—]\s", between))
        word, plain = match.group(), _flatten_word(match.group())
        bare = plain.removesuffix("'s")
        looks = word[0].isupper() and len(word) > 1 and not word.isupper()
        if looks and plain not in known and bare not in known:
            greeted = before in GREETINGS and between.strip() in ("", ",")
            greeted = greeted or (before in TITLES and between.strip() in ("", "."))
            if not begins or bare in GIVEN_NAMES or greeted:
                found.append(Finding(NAMES_PERSON, match.start(), match.end()))
        before, end = plain, match.end()
    return found


def _find_unknown_contacts(reply: str, texts: Sequence[str]) -> list[Finding]:
    """Somebody's mail address or telephone number; the practice's own stands in its facts."""
    whole = " ".join(texts).casefold()
    numbers = re.sub(r"\D", " ", whole.replace(" ", "").replace("-", "")).split()
    found = [
        Finding(CONTACT_DETAILS, match.start(), match.end())
        for match in _EMAIL.finditer(reply)
        if match.group().casefold() not in whole
    ]
    for match in _PHONE_NUMBER.finditer(reply):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= 7 and not any(
            digits.endswith(one[-7:]) for one in numbers if len(one) >= 7
        ):
            found.append(Finding(CONTACT_DETAILS, match.start(), match.end()))
    return found


def _drop_overlaps(found: list[Finding]) -> list[Finding]:
    """In order; of two that overlap the earlier and longer one is shown."""
    kept: list[Finding] = []
    for finding in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept
