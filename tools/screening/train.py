"""Learning the weights of the scorer: logistic regression in plain Python, the same every time.

Weights of features that the data shows too seldom stay near a value set by hand (``BY_HAND``): the
labelled texts at hand carry no names, addresses or websites, real comments do.
"""

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from consultations.screening.reading import Reading, Submission
from consultations.screening.scorer import features

SEED = 20_260_101
ROUNDS = 30
RATE = 0.35
PULL = 0.002  # of every weight to where it began
LEAST_SEEN = 3  # a word in fewer texts than this is no evidence, and might be somebody's name
SMALLEST = 0.04  # weights below say nothing and are not stored

BY_HAND = {
    "a:address": 2.0, "a:selling": 2.2, "a:phrase": 0.3, "a:long": 0.6, "a:digits": 0.3,
    "a:gibberish": 0.8, "u:given": 0.2, "u:selling": 1.8, "u:odd_ending": 0.8, "u:referral": 2.0,
    "u:shortener": 1.0, "u:deep": 0.6, "u:hyphens": 0.6, "u:digits": 0.4, "e:digits": 0.4,
    "e:selling": 0.8, "e:odd_ending": 0.4, "x:praise1_url": 0.8, "x:praise2_url": 1.8,
    "x:praise3_url": 2.6, "x:praise_link": 1.0, "x:topic_leads": 1.4, "x:topics": 0.8,
    "x:topic_offer": 1.0, "x:offer_leads": 0.8, "x:hire_contact": 2.6, "x:sells_in_fields": 0.8,
    "x:selling_name_url": 1.0, "x:short_url": 0.3, "x:other_script_leads": 0.8, "h:pharma": 1.0,
    "h:gambling": 1.0, "h:search_ranking": 1.0, "h:goods": 0.6, "h:money": 0.6, "h:crypto": 0.8,
    "h:adult": 0.7, "h:hire": 0.9, "h:praise": 0.1, "h:offer": 0.5, "h:channel": 2.6,
    "h:probe": 2.0, "s:bbcode": 1.4, "s:markup_link": 0.6, "s:spinning": 2.0, "s:shortener": 0.8,
    "s:referral": 1.0, "s:odd_link": 0.5, "s:selling_link": 1.2, "s:mixed_word": 1.0,
    "s:hidden": 0.4, "s:only_link": 0.8, "s:dense_links": 0.8, "s:links_2": 0.3, "s:links_3": 0.7,
    "s:links_4": 1.2, "s:excerpt": -0.5, "s:personal": -1.5, "s:own_3": -0.3,
    "h:mobile": 1.6, "s:short_code": 1.5, "s:rate": 2.0, "s:phone": 0.8, "s:two_numbers": 0.8,
    "s:money": 0.6, "h:help": -0.8, "x:help": -1.5, "x:prose_leads": -0.8, "f:form": -0.3,
    "a:trades_1": 0.7, "a:trades_2": 1.6, "a:in_path": 1.8, "a:lower_url": 0.8, "u:trades_1": 0.6,
    "u:trades_2": 1.0, "x:trades": 0.8, "x:praise_trades": 0.8,
    "f:channel": -0.8, "f:links_1": -1.2, "f:links_2": -1.0, "f:links_3": -0.6,
}  # fmt: skip


@dataclass(frozen=True)
class Example:
    submission: Submission
    is_spam: bool
    source: str

    @property
    def part(self) -> int:
        """0 to 9 by a stable hash of what is written: equal texts are never on both sides."""
        words = "".join(Reading(self.submission).words)[:400]
        return int(sha256(words.encode("utf-8", "replace")).hexdigest()[:8], 16) % 10


Facts = tuple[tuple[str, float], ...]


def facts_of(example: Example) -> Facts:
    return tuple(features(Reading(example.submission)).items())


def train(rows: Sequence[tuple[Facts, bool]]) -> dict[str, float]:
    """Weights by feature; "" is the bias."""
    seen = Counter(name for facts, _spam in rows for name, _value in facts)
    kept = {name for name, count in seen.items() if count >= LEAST_SEEN}
    weights = {"": -1.5, **dict.fromkeys(kept, 0.0), **BY_HAND}
    begun = dict(weights)
    squares = dict.fromkeys(weights, 1.0)
    known = [
        (tuple((name, value) for name, value in facts if name in weights), spam)
        for facts, spam in rows
    ]
    order = list(range(len(known)))
    chance = random.Random(SEED)  # noqa: S311 - the same order every time is what is wanted
    for _round in range(ROUNDS):
        chance.shuffle(order)
        for number in order:
            facts, spam = known[number]
            total = weights[""] + sum(weights[name] * value for name, value in facts)
            error = _chance(total) - spam
            for name, value in (("", 1.0), *facts):
                slope = error * value + PULL * (weights[name] - begun[name])
                squares[name] += slope * slope
                weights[name] -= RATE * slope / math.sqrt(squares[name])
    return {
        name: round(weight, 2)
        for name, weight in sorted(weights.items())
        if abs(weight) >= SMALLEST or name == ""
    }


def _chance(total: float) -> float:
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))
