"""A comment as a set of named features for the scorer. Pure; no feature quotes a rare word.

``w:`` a word, ``b:`` two words in a row, ``h:`` a group of the vocabulary, ``s:`` shape and
structure, ``a:`` the name, ``u:`` the address given as website, ``e:`` the email, ``x:`` two of
these together.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from consultations.screening import text_matching
from consultations.screening.parsed_text import (
    FIRST_PERSON_WORDS,
    SALES_GROUPS,
    SALES_TOPICS,
    ParsedSubmission,
    count_groups,
    url_words,
)

_PERCENT = re.compile(r"[0-9]\s?%|\b[0-9]{2,3} percent", re.I)
_SPINNING = re.compile(r"\{[^{}|]{1,60}\|[^{}]{1,200}\}")
_REPEATED_PUNCTUATION = re.compile(r"([!?$*~>=+-])\1{2,}")
_SHORTENER = re.compile(
    r"\b(?:bit\.ly|adf\.ly|goo\.gl|tinyurl\.com|t\.co|ow\.ly|is\.gd|cutt\.ly|hyperurl\.co)\b", re.I
)
_SUSPICIOUS_TLD = re.compile(
    r"\.(?:xyz|top|shop|club|online|site|store|bet|casino|loan|win|bid|vip|click|link|icu|biz|info"
    r"|pw|cc|ws|su|ru|pk|vn|fun|live|porn|sex|cam|poker)(?:[/:?]|$)",
    re.I,
)
_REFERRAL_PARAMETER = re.compile(
    r"[?&/](?:ref|aff|affid|aff_id|promo|invite|utm_source|register|signup|ref_id)[=/?]", re.I
)
_GIBBERISH = re.compile(r"[bcdfghjklmnpqrstvwxz]{6,}|[a-z][A-Z][a-z]{1,3}[A-Z][a-z]{1,3}[A-Z]")
_EXCERPT = re.compile(r"^\s*(?:\[|\()(?:\.\.\.|…|&#8230;)(?:\]|\))")


def extract_features(reading: ParsedSubmission) -> dict[str, float]:
    found: dict[str, float] = dict.fromkeys(_word_features(reading.words), 1.0)
    found |= {f"h:{name}": min(count, 3) for name, count in reading.groups.items()}
    found |= dict.fromkeys(_shape_features(reading), 1.0)
    found |= dict.fromkeys(_field_features(reading), 1.0)
    found |= dict.fromkeys(_combined_features(reading, found), 1.0)
    return found


def _word_features(words: list[str]) -> Iterable[str]:
    plain = ["0" if any(c.isdigit() for c in word) else word[:20] for word in words]
    for word in plain:
        yield f"w:{word}"
    for one, other in pairwise(plain):
        yield f"b:{one}_{other}"


def _shape_features(reading: ParsedSubmission) -> Iterable[str]:
    text, words = reading.plain, reading.words
    links = len(reading.links) + (1 if reading.has_markup_link and not reading.links else 0)
    yield f"s:links_{min(links, 4)}"
    yield f"s:length_{_bucket_index(len(words), (0, 2, 4, 8, 15, 30, 60, 120, 250))}"
    facts = {
        "markup_link": reading.has_markup_link,
        "bbcode": re.search(r"\[/?url", reading.seen, re.I),
        "domain": reading.domains,
        "email": reading.has_email,
        "phone": reading.has_phone,
        "short_code": reading.has_short_code,
        "money": reading.has_money,
        "rate": reading.has_rate,
        "percent": _PERCENT.search(text),
        "spinning": _SPINNING.search(text),
        "repeated": _REPEATED_PUNCTUATION.search(text),
        "shortener": _SHORTENER.search(reading.seen),
        "referral": any(_REFERRAL_PARAMETER.search(link) for link in reading.links),
        "odd_link": any(_SUSPICIOUS_TLD.search(link) for link in reading.links),
        "selling_link": reading.link_groups.keys() & set(SALES_GROUPS),
        "mixed_word": text_matching.has_mixed_script_word(reading.raw),
        "excerpt": _EXCERPT.search(reading.raw),
        "question": "?" in text,
        "personal": reading.is_personal,
        "hidden": any(c in reading.raw for c in "\u200b\u200c\u2060\ufeff\u00ad"),
        "only_link": links and len(words) <= 3,
        "two_numbers": len(re.findall(r"[0-9]{5,}", text)) >= 2,
    }
    yield from (f"s:{name}" for name, is_so in facts.items() if is_so)
    letters = sum(map(str.isalpha, text))
    if letters:
        capitals = 100 * sum(map(str.isupper, text)) // letters
        yield f"s:capitals_{_bucket_index(capitals, (5, 15, 30, 60))}"
        digits = 100 * sum(map(str.isdigit, text)) // letters
        yield f"s:digits_{_bucket_index(digits, (0, 3, 8, 20))}"
        scripts = text_matching.count_scripts(text)
        yield f"s:script_{max(scripts.items(), key=lambda item: item[1])[0]}"
    yield f"s:exclaims_{min(text.count('!'), 4)}"
    own = sum(word in FIRST_PERSON_WORDS for word in words)
    yield f"s:own_{_bucket_index(100 * own // max(len(words), 1), (0, 4, 8))}"
    if links and len(words) / links < 12:
        yield "s:dense_links"


def _bucket_index(value: int, bounds: tuple[int, ...]) -> int:
    return sum(value > bound for bound in bounds)


def _field_features(reading: ParsedSubmission) -> Iterable[str]:
    name = reading.name
    if reading.is_name_an_address:
        yield "a:address"
    if reading.has_sales_name:
        yield "a:selling"
    elif reading.name_groups:
        yield "a:phrase"
    if reading.name_trade_count:
        yield f"a:trades_{min(reading.name_trade_count, 2)}"
    if reading.is_name_in_url_path:
        yield "a:in_path"
    if len(reading.name_words) >= 2 and name.islower() and reading.url:
        yield "a:lower_url"
    if len(reading.name_words) >= 4:
        yield "a:long"
    if any(c.isdigit() for c in name) and len(re.findall(r"[0-9]", name)) >= 3:
        yield "a:digits"
    if _GIBBERISH.search(name):
        yield "a:gibberish"
    if reading.url:
        yield "u:given"
        yield from _url_features(reading)
    local, _at, domain = reading.email.rpartition("@")
    if len(re.findall(r"[0-9]", local)) >= 5:
        yield "e:digits"
    if count_groups(url_words(reading.email)).keys() & set(SALES_GROUPS):
        yield "e:selling"
    if _SUSPICIOUS_TLD.search(domain):
        yield "e:odd_ending"


def _url_features(reading: ParsedSubmission) -> Iterable[str]:
    host, path = reading.host_and_path
    if reading.has_sales_url:
        yield "u:selling"
    if reading.url_trade_count:
        yield f"u:trades_{min(reading.url_trade_count, 2)}"
    if _SUSPICIOUS_TLD.search(host):
        yield "u:odd_ending"
    if _REFERRAL_PARAMETER.search(path):
        yield "u:referral"
    if _SHORTENER.search(host):
        yield "u:shortener"
    if len(path.strip("/")) >= 12:
        yield "u:deep"
    if host.count("-") >= 2:
        yield "u:hyphens"
    if any(c.isdigit() for c in host):
        yield "u:digits"


def _combined_features(reading: ParsedSubmission, found: dict[str, float]) -> Iterable[str]:
    praise = found.get("h:praise", 0)
    leads = bool(reading.url or reading.links or reading.domains)
    topics = sum(1 for name in SALES_TOPICS if f"h:{name}" in found)
    if praise and reading.url:
        yield f"x:praise{int(min(praise, 3))}_url"
    if praise and (reading.links or reading.domains):
        yield "x:praise_link"
    if topics and leads:
        yield "x:topic_leads"
    if topics >= 2:
        yield "x:topics"
    if topics and "h:offer" in found:
        yield "x:topic_offer"
    if "h:offer" in found and leads:
        yield "x:offer_leads"
    if "h:hire" in found and (reading.has_email or reading.has_phone or reading.links):
        yield "x:hire_contact"
    if ("a:selling" in found or "u:selling" in found) and "a:address" not in found:
        yield "x:sells_in_fields"
    if "a:selling" in found and "u:given" in found:
        yield "x:selling_name_url"
    if reading.name_trade_count and reading.url_trade_count:
        yield "x:trades"
        if praise:
            yield "x:praise_trades"
    if reading.url and len(reading.words) <= 12:
        yield "x:short_url"
    if reading.email or reading.url:
        # A blog's form was filled in: people put links into such comments more readily.
        yield "f:form"
        if "h:channel" in found:
            yield "f:channel"
        if reading.links:
            yield f"f:links_{min(len(reading.links), 3)}"
    if leads and len(reading.words) >= 12 and not topics and "h:offer" not in found:
        yield "x:prose_leads"
    if "h:help" in found and not topics:
        yield "x:help"
    if found.get("s:script_latin") is None and reading.words and leads:
        yield "x:other_script_leads"


# The trained scorer: weights from ``model.json``, added up. Pure Python, no library.
#
# The file is made by ``make screen-train`` and described in docs/screening.md. It holds
# common
# words and shapes with a weight each, and no text.

MODEL_PATH = Path(__file__).with_name("model.json")
MODEL_FORMAT = 1


@dataclass(frozen=True)
class Evidence:
    """What the scorer says of one text: log-odds of spam, and the features that speak for it."""

    log_odds: float
    speaking: tuple[str, ...]
    known_share: float  # of the words, those that the scorer has met

    @property
    def score(self) -> float:
        return probability(self.log_odds)


def probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


@dataclass(frozen=True)
class Scorer:
    weights: dict[str, float]
    bias: float

    def collect_evidence(self, reading: ParsedSubmission) -> Evidence:
        found = extract_features(reading)
        parts = [
            (self.weights[name] * value, name)
            for name, value in found.items()
            if name in self.weights
        ]
        words = {word for word in found if word.startswith("w:")}
        known = sum(word in self.weights for word in words)
        strongest = sorted((part for part in parts if part[0] >= 0.4), reverse=True)
        return Evidence(
            log_odds=self.bias + math.fsum(weight for weight, _name in parts),
            speaking=tuple(name for _weight, name in strongest),
            known_share=known / len(words) if words else 1.0,
        )


@lru_cache(maxsize=1)
def load_default_scorer() -> Scorer:
    return parse_model(MODEL_PATH.read_text(encoding="utf-8"))


def parse_model(text: str) -> Scorer:
    data = json.loads(text)
    if data["format"] != MODEL_FORMAT:
        raise ValueError(f"model of format {data['format']}, not {MODEL_FORMAT}")
    return Scorer(weights=data["weights"], bias=data["bias"])


def serialize_model(weights: dict[str, float], *, made_from: dict[str, int]) -> str:
    """The file's text: one weight a line, so that a change of it can be read."""
    data = {
        "format": MODEL_FORMAT,
        "about": "Weights of the comment screen; sources and licences: docs/screening.md",
        "made_from": made_from,
        "bias": weights[""],
        "weights": {name: weight for name, weight in weights.items() if name},
    }
    return json.dumps(data, ensure_ascii=False, indent=0) + "\n"
