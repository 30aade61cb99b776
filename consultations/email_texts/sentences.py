"""Check words for an email that others may see: in an inbox, or on a lock screen. Pure."""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256

from consultations.screening.revealing_words import (
    CONFIRMS_CLIENT,
    find_revealing_words,
    flatten_text,
)

# Words by which somebody else would learn what the call is about. "therap" covers therapist.
HEALTH_WORD = re.compile(
    r"(?<![a-z])(?:"
    r"(?:psycho)?therap[a-z]*|counsel(?:ing|ling|ed|led|s)?|psych(?:olog|iatr)[a-z]*|"
    r"mental(?:ly)? (?:health|ill(?:ness)?)|mental|depress(?:ion|ed|ive)|anxiety|anxious|"
    r"panic(?: attacks?)?|trauma[a-z]*|ptsd|adhd|ocd|bipolar|autis(?:m|tic)|disorders?|"
    r"diagnos[a-z]+|symptoms?|treatments?|patients?|medications?|addict(?:ion|ed|ions)?|"
    r"alcohol(?:ic|ism)?|rehab|recovery|abuse[ds]?|suicid[a-z]+|self-?harm[a-z]*|grief|"
    r"bereave[a-z]+|eating disorders?|divorce[ds]?|intake|clients?|clinic(?:al)?"
    r")(?![a-z])"
)
# The email itself names the day: that we meet is no news to whoever reads it.
_COMING_CALL = re.compile(
    r"(?:(?:i'll|we'll|will|can't wait to|look(?:ing)? forward to) )?"
    r"(?:see(?:ing)?|meet(?:ing)?) you\b.*"
)
# First names that are also words: they count only with a capital letter.
_WORDS_AND_NAMES = frozenset(
    {"april", "art", "august", "bill", "case", "chance", "dawn", "faith", "good", "grace", "hope"}
    | {"joy", "june", "long", "love", "mark", "may", "page", "rich", "rose", "summer", "will"}
)
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
REPEATED_WORDS = 4  # as many words in a row count as a quotation


def find_health_words(text: str) -> list[str]:
    """Return the words that say what the call is about, as typed, each once."""
    flat, positions = flatten_text(text)
    found = [
        text[positions[match.start()] : positions[match.end() - 1] + 1]
        for match in HEALTH_WORD.finditer(flat)
    ]
    return list(dict.fromkeys(found))


def find_doubtful_words(text: str) -> list[str]:
    """Return what an added sentence should not say, by the word list and the reply guard."""
    found = find_health_words(text)
    for code, start, end in sorted(find_revealing_words(text), key=lambda finding: finding[1]):
        words = text[start:end]
        if code == CONFIRMS_CLIENT and _COMING_CALL.fullmatch(flatten_text(words)[0]):
            continue
        if not any(words in other for other in found):
            found.append(words)
    return found


def find_repeated_words(
    text: str, *, name: str, contacts: Iterable[str], answers: Iterable[str]
) -> list[str]:
    """Return what a sentence repeats of a visitor: a name, a contact, or words of an answer."""
    typed = _WORD.findall(text)
    words = [word.casefold().removesuffix("’s").removesuffix("'s") for word in typed]
    found = [part for part in _WORD.findall(name) if len(part) > 1 and _is_named(part, text, words)]
    digits = re.sub(r"\D", "", text)
    for contact in contacts:
        number = re.sub(r"\D", "", contact)
        is_number = len(number) >= 7 and "@" not in contact
        if contact and (
            contact.casefold() in text.casefold() or (is_number and number[-7:] in digits)
        ):
            found.append(contact)
    for answer in answers:
        found += _shared_runs(words, [word.casefold() for word in _WORD.findall(answer)])[:1]
    return list(dict.fromkeys(found))


def text_digest(text: str) -> str:
    """Return a hash by which the page proves that staff saw the warning for this very text."""
    return sha256("\n".join(text.split("\r\n")).strip().encode("utf-8", "replace")).hexdigest()


def _is_named(part: str, text: str, words: Sequence[str]) -> bool:
    if part.casefold() in _WORDS_AND_NAMES:
        # At the start of a sentence it is more likely the word.
        return bool(re.search(rf"(?<=[\w,] ){re.escape(part.capitalize())}\b", text))
    return part.casefold() in words


def _shared_runs(words: Sequence[str], answer: Sequence[str]) -> list[str]:
    """Return the runs of REPEATED_WORDS words that both have, in the order of ``words``."""
    runs = {
        tuple(answer[place : place + REPEATED_WORDS])
        for place in range(len(answer) - REPEATED_WORDS + 1)
    }
    return [
        " ".join(words[place : place + REPEATED_WORDS])
        for place in range(len(words) - REPEATED_WORDS + 1)
        if tuple(words[place : place + REPEATED_WORDS]) in runs
    ]
