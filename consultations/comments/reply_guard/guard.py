"""Check a reply of the practice for wording that reveals who is a client. Pure.

Practices were fined for public replies that revealed a client. The guard runs on this server and
sees only text; it warns, and staff decide. It knows English wording. Findings have a position and
a reason code; only the codes are ever stored.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.utils.functional import Promise
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from consultations.comments.reply_guard.names import GIVEN_NAMES, GREETINGS, ORDINARY_WORDS, TITLES
from consultations.screening.revealing_words import (
    CONFIRMS_CLIENT,
    MEDICAL_ADVICE,
    find_revealing_words,
    flatten_text,
)

NAMES_PERSON, CONTACT_DETAILS = "names_person", "contact_details"
REASONS: dict[str, str | Promise] = {
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
REPLY_TEMPLATES: tuple[tuple[str, str | Promise], ...] = (
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
            "Thank you for trusting readers with this. It sounds like a hard time. We don’t "
            "monitor this page around the clock: if you may be in danger, please call one of the "
            "numbers under “Get help now.”"
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
_NEUTRAL_SENTENCES: dict[str, str | Promise] = {
    CONFIRMS_CLIENT: _(
        "We never say in public who works with us. You are welcome to write to us directly."
    ),
    MEDICAL_ADVICE: _("We cannot give advice to one person here; a doctor or a counselor can."),
}
_EMAIL = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")
_PHONE_NUMBER = re.compile(r"(?<!\w)\+?\(?\d[\d ().-]{6,20}\d(?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")
# A sentence with the space after it; a line break ends one too.
_SENTENCE = re.compile(r"[^.!?…\n]*(?:[.!?…]+(?=\s|$)[ \t]*|\n+|$|[.!?…]+)")


@dataclass(frozen=True)
class Finding:
    """A reason code and the range of characters in the reply as typed."""

    code: str
    start: int
    end: int


@dataclass(frozen=True)
class TextSegment:
    """A part of the reply; ``code`` is "" where nothing was found."""

    text: str
    code: str = ""


def check_reply(reply: str, *, known: Iterable[str] = ()) -> list[Finding]:
    """Return the findings in reading order. ``known``: the texts that readers already see."""
    texts = list(known)
    findings = [Finding(code, start, end) for code, start, end in find_revealing_words(reply)]
    findings += _find_unknown_names(reply, texts)
    findings += _find_unknown_contacts(reply, texts)
    return _drop_overlaps(findings)


def finding_codes(findings: Iterable[Finding]) -> list[str]:
    """Return the distinct reason codes, which may be stored."""
    return sorted({finding.code for finding in findings})


def split_by_findings(reply: str, findings: Sequence[Finding]) -> list[TextSegment]:
    """Split the reply into segments, for a template that highlights those with a code."""
    segments, position = [], 0
    for finding in findings:
        segments.append(TextSegment(reply[position : finding.start]))
        segments.append(TextSegment(reply[finding.start : finding.end], finding.code))
        position = finding.end
    segments.append(TextSegment(reply[position:]))
    return [segment for segment in segments if segment.text]


def neutral_alternative(reply: str, *, known: Iterable[str] = ()) -> str:
    """Return the reply with neutral sentences instead of those with findings.

    The result passes the guard. When little would be left, it is a whole neutral reply.
    """
    texts = list(known)
    findings = check_reply(reply, known=texts)
    kept = [
        match.group()
        for match in _SENTENCE.finditer(reply)
        if not any(f.start < match.end() and match.start() < f.end for f in findings)
    ]
    rest = re.sub(r"\n{3,}", "\n\n", "".join(kept)).strip()
    replacement = " ".join(
        str(_NEUTRAL_SENTENCES[code])
        for code in finding_codes(findings)
        if code in _NEUTRAL_SENTENCES
    )
    alternative = "\n\n".join(part for part in (rest, replacement) if part)
    # Joined differently, the remaining sentences may cause new findings: then keep none of them.
    if len(rest.split()) < 3 or check_reply(alternative, known=texts):
        return str(REPLY_TEMPLATES[1][1])
    return alternative


def text_digest(reply: str) -> str:
    """Return a hash by which the page proves that staff saw the warnings for this very text."""
    return sha256("\n".join(reply.split("\r\n")).strip().encode("utf-8", "replace")).hexdigest()


def code_labels() -> dict[str, str]:
    """Return the label of each reason code, for the history."""
    return {
        CONFIRMS_CLIENT: _g("may confirm a client"),
        NAMES_PERSON: _g("uses a name"),
        MEDICAL_ADVICE: _g("reads like advice"),
        CONTACT_DETAILS: _g("contact details"),
    }


def _flatten_word(word: str) -> str:
    return flatten_text(word)[0]


def _collect_words(texts: Iterable[str]) -> set[str]:
    words = set()
    for text in texts:
        for match in _WORD.finditer(text):
            word = _flatten_word(match.group())
            words |= {word, word.removesuffix("'s")}
    return words


def _find_unknown_names(reply: str, texts: Sequence[str]) -> list[Finding]:
    """Find words that look like a given name and are in none of the known texts."""
    known = ORDINARY_WORDS | _collect_words(texts)
    findings = []
    previous = ""
    end = 0
    for match in _WORD.finditer(reply):
        between = reply[end : match.start()]
        begins = end == 0 or bool(re.search(r"[.!?…:;\n\"“(•]|\s[-–—]\s", between))
        word, plain = match.group(), _flatten_word(match.group())
        bare = plain.removesuffix("'s")
        is_capitalized = word[0].isupper() and len(word) > 1 and not word.isupper()
        if is_capitalized and plain not in known and bare not in known:
            is_addressed = previous in GREETINGS and between.strip() in ("", ",")
            is_addressed = is_addressed or (previous in TITLES and between.strip() in ("", "."))
            if not begins or bare in GIVEN_NAMES or is_addressed:
                findings.append(Finding(NAMES_PERSON, match.start(), match.end()))
        previous, end = plain, match.end()
    return findings


def _find_unknown_contacts(reply: str, texts: Sequence[str]) -> list[Finding]:
    """Find email addresses and phone numbers that are not the practice's own public ones."""
    all_texts = " ".join(texts).casefold()
    numbers = re.sub(r"\D", " ", all_texts.replace(" ", "").replace("-", "")).split()
    findings = [
        Finding(CONTACT_DETAILS, match.start(), match.end())
        for match in _EMAIL.finditer(reply)
        if match.group().casefold() not in all_texts
    ]
    for match in _PHONE_NUMBER.finditer(reply):
        digits = re.sub(r"\D", "", match.group())
        if len(digits) >= 7 and not any(
            digits.endswith(number[-7:]) for number in numbers if len(number) >= 7
        ):
            findings.append(Finding(CONTACT_DETAILS, match.start(), match.end()))
    return findings


def _drop_overlaps(findings: list[Finding]) -> list[Finding]:
    """Sort the findings; of two that overlap keep the earlier, longer one."""
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: (finding.start, -finding.end)):
        if not kept or finding.start >= kept[-1].end:
            kept.append(finding)
    return kept
