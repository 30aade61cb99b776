"""Extract the features of a submission and score them with trained weights. Pure.

The weights are in ``model.json``, made by ``make screen-train`` and described in
docs/screening.md: common words and shapes with a weight each, and no text. Features have a prefix:

``w:`` a word, ``b:`` two words in a row, ``h:`` a phrase group, ``s:`` shape and structure,
``a:`` the name, ``u:`` the website, ``e:`` the email address, ``x:`` a combination of these,
``f:`` the form of a blog.
"""

import json
import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from consultations.screening.parsed_text import (
    FIRST_PERSON_WORDS,
    SALES_GROUPS,
    SALES_TOPICS,
    ParsedSubmission,
    count_groups,
    count_scripts,
    has_mixed_script_word,
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


def extract_features(parsed: ParsedSubmission) -> dict[str, float]:
    """Return the features of a submission with their values, mostly 1."""
    features: dict[str, float] = dict.fromkeys(_word_features(parsed.words), 1.0)
    features |= {f"h:{name}": min(count, 3) for name, count in parsed.groups.items()}
    features |= dict.fromkeys(_shape_features(parsed), 1.0)
    features |= dict.fromkeys(_field_features(parsed), 1.0)
    features |= dict.fromkeys(_combined_features(parsed, features), 1.0)
    return features


def _word_features(words: list[str]) -> Iterable[str]:
    plain = ["0" if any(c.isdigit() for c in word) else word[:20] for word in words]
    for word in plain:
        yield f"w:{word}"
    for first, second in pairwise(plain):
        yield f"b:{first}_{second}"


def _shape_features(parsed: ParsedSubmission) -> Iterable[str]:
    text, words = parsed.plain, parsed.words
    links = len(parsed.links) + (1 if parsed.has_markup_link and not parsed.links else 0)
    yield f"s:links_{min(links, 4)}"
    yield f"s:length_{_bucket_index(len(words), (0, 2, 4, 8, 15, 30, 60, 120, 250))}"
    shapes = {
        "markup_link": parsed.has_markup_link,
        "bbcode": re.search(r"\[/?url", parsed.seen, re.I),
        "domain": parsed.domains,
        "email": parsed.has_email,
        "phone": parsed.has_phone,
        "short_code": parsed.has_short_code,
        "money": parsed.has_money,
        "rate": parsed.has_rate,
        "percent": _PERCENT.search(text),
        "spinning": _SPINNING.search(text),
        "repeated": _REPEATED_PUNCTUATION.search(text),
        "shortener": _SHORTENER.search(parsed.seen),
        "referral": any(_REFERRAL_PARAMETER.search(link) for link in parsed.links),
        "odd_link": any(_SUSPICIOUS_TLD.search(link) for link in parsed.links),
        "selling_link": parsed.link_groups.keys() & set(SALES_GROUPS),
        "mixed_word": has_mixed_script_word(parsed.raw),
        "excerpt": _EXCERPT.search(parsed.raw),
        "question": "?" in text,
        "personal": parsed.is_personal,
        "hidden": any(c in parsed.raw for c in "\u200b\u200c\u2060\ufeff\u00ad"),
        "only_link": links and len(words) <= 3,
        "two_numbers": len(re.findall(r"[0-9]{5,}", text)) >= 2,
    }
    yield from (f"s:{name}" for name, is_present in shapes.items() if is_present)
    letters = sum(map(str.isalpha, text))
    if letters:
        capitals = 100 * sum(map(str.isupper, text)) // letters
        yield f"s:capitals_{_bucket_index(capitals, (5, 15, 30, 60))}"
        digits = 100 * sum(map(str.isdigit, text)) // letters
        yield f"s:digits_{_bucket_index(digits, (0, 3, 8, 20))}"
        scripts = count_scripts(text)
        yield f"s:script_{max(scripts.items(), key=lambda item: item[1])[0]}"
    yield f"s:exclaims_{min(text.count('!'), 4)}"
    first_person = sum(word in FIRST_PERSON_WORDS for word in words)
    yield f"s:own_{_bucket_index(100 * first_person // max(len(words), 1), (0, 4, 8))}"
    if links and len(words) / links < 12:
        yield "s:dense_links"


def _bucket_index(value: int, bounds: tuple[int, ...]) -> int:
    return sum(value > bound for bound in bounds)


def _field_features(parsed: ParsedSubmission) -> Iterable[str]:
    name = parsed.name
    if parsed.is_name_an_address:
        yield "a:address"
    if parsed.has_sales_name:
        yield "a:selling"
    elif parsed.name_groups:
        yield "a:phrase"
    if parsed.name_trade_count:
        yield f"a:trades_{min(parsed.name_trade_count, 2)}"
    if parsed.is_name_in_url_path:
        yield "a:in_path"
    if len(parsed.name_words) >= 2 and name.islower() and parsed.url:
        yield "a:lower_url"
    if len(parsed.name_words) >= 4:
        yield "a:long"
    if any(c.isdigit() for c in name) and len(re.findall(r"[0-9]", name)) >= 3:
        yield "a:digits"
    if _GIBBERISH.search(name):
        yield "a:gibberish"
    if parsed.url:
        yield "u:given"
        yield from _url_features(parsed)
    local, _at, domain = parsed.email.rpartition("@")
    if len(re.findall(r"[0-9]", local)) >= 5:
        yield "e:digits"
    if count_groups(url_words(parsed.email)).keys() & set(SALES_GROUPS):
        yield "e:selling"
    if _SUSPICIOUS_TLD.search(domain):
        yield "e:odd_ending"


def _url_features(parsed: ParsedSubmission) -> Iterable[str]:
    host, path = parsed.host_and_path
    if parsed.has_sales_url:
        yield "u:selling"
    if parsed.url_trade_count:
        yield f"u:trades_{min(parsed.url_trade_count, 2)}"
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


def _combined_features(parsed: ParsedSubmission, features: dict[str, float]) -> Iterable[str]:
    praise = features.get("h:praise", 0)
    leads = bool(parsed.url or parsed.links or parsed.domains)
    topics = sum(1 for name in SALES_TOPICS if f"h:{name}" in features)
    if praise and parsed.url:
        yield f"x:praise{int(min(praise, 3))}_url"
    if praise and (parsed.links or parsed.domains):
        yield "x:praise_link"
    if topics and leads:
        yield "x:topic_leads"
    if topics >= 2:
        yield "x:topics"
    if topics and "h:offer" in features:
        yield "x:topic_offer"
    if "h:offer" in features and leads:
        yield "x:offer_leads"
    if "h:hire" in features and (parsed.has_email or parsed.has_phone or parsed.links):
        yield "x:hire_contact"
    if ("a:selling" in features or "u:selling" in features) and "a:address" not in features:
        yield "x:sells_in_fields"
    if "a:selling" in features and "u:given" in features:
        yield "x:selling_name_url"
    if parsed.name_trade_count and parsed.url_trade_count:
        yield "x:trades"
        if praise:
            yield "x:praise_trades"
    if parsed.url and len(parsed.words) <= 12:
        yield "x:short_url"
    if parsed.email or parsed.url:
        # Submitted through a blog's form, where genuine comments have links more often.
        yield "f:form"
        if "h:channel" in features:
            yield "f:channel"
        if parsed.links:
            yield f"f:links_{min(len(parsed.links), 3)}"
    if leads and len(parsed.words) >= 12 and not topics and "h:offer" not in features:
        yield "x:prose_leads"
    if "h:help" in features and not topics:
        yield "x:help"
    if features.get("s:script_latin") is None and parsed.words and leads:
        yield "x:other_script_leads"


# The trained scorer: logistic regression in pure Python.

MODEL_PATH = Path(__file__).with_name("model.json")
MODEL_FORMAT = 1


@dataclass(frozen=True)
class Evidence:
    """The score of one text: log-odds of spam, and the features that contributed most to it."""

    log_odds: float
    strongest: tuple[str, ...]
    known_share: float  # the share of the words that have a weight

    @property
    def score(self) -> float:
        return probability(self.log_odds)


def probability(log_odds: float) -> float:
    """Convert log-odds to a probability between 0 and 1."""
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, log_odds))))


@dataclass(frozen=True)
class Scorer:
    """Weights by feature name."""

    weights: dict[str, float]
    bias: float

    def collect_evidence(self, parsed: ParsedSubmission) -> Evidence:
        """Score a submission."""
        features = extract_features(parsed)
        parts = [
            (self.weights[name] * value, name)
            for name, value in features.items()
            if name in self.weights
        ]
        words = {word for word in features if word.startswith("w:")}
        known = sum(word in self.weights for word in words)
        sorted_parts = sorted((part for part in parts if part[0] >= 0.4), reverse=True)
        return Evidence(
            log_odds=self.bias + math.fsum(weight for weight, _name in parts),
            strongest=tuple(name for _weight, name in sorted_parts),
            known_share=known / len(words) if words else 1.0,
        )


@lru_cache(maxsize=1)
def load_default_scorer() -> Scorer:
    """Return the shipped scorer, read from its file once per process."""
    return parse_model(MODEL_PATH.read_text(encoding="utf-8"))


def parse_model(text: str) -> Scorer:
    """Read a model file's text. Raises ValueError for another format."""
    data = json.loads(text)
    if data["format"] != MODEL_FORMAT:
        raise ValueError(f"model of format {data['format']}, not {MODEL_FORMAT}")
    return Scorer(weights=data["weights"], bias=data["bias"])


def serialize_model(weights: dict[str, float], *, made_from: dict[str, int]) -> str:
    """Return the model file's text: one weight a line, so that diffs are readable."""
    data = {
        "format": MODEL_FORMAT,
        "about": "Weights of the comment screen; sources and licences: docs/screening.md",
        "made_from": made_from,
        "bias": weights[""],
        "weights": {name: weight for name, weight in weights.items() if name},
    }
    return json.dumps(data, ensure_ascii=False, indent=0) + "\n"
