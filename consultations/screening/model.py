"""The trained scorer: weights from ``model.json``, added up. Pure Python, no library.

The file is made by ``manage.py train_screen`` and described in docs/screening.md. It holds common
words and shapes with a weight each, and no text.
"""

import json
import math
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from consultations.screening.features import features
from consultations.screening.reading import Reading

PATH = Path(__file__).with_name("model.json")
FORMAT = 1


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
class Model:
    weights: dict[str, float]
    bias: float

    def weigh(self, reading: Reading) -> Evidence:
        found = features(reading)
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
def shipped() -> Model:
    return read(PATH.read_text(encoding="utf-8"))


def read(text: str) -> Model:
    data = json.loads(text)
    if data["format"] != FORMAT:
        raise ValueError(f"model of format {data['format']}, not {FORMAT}")
    return Model(weights=data["weights"], bias=data["bias"])


def write(weights: dict[str, float], *, made_from: dict[str, int]) -> str:
    """The file's text: one weight a line, so that a change of it can be read."""
    data = {
        "format": FORMAT,
        "about": "Weights of the comment screen; sources and licences: docs/screening.md",
        "made_from": made_from,
        "bias": weights[""],
        "weights": {name: weight for name, weight in weights.items() if name},
    }
    return json.dumps(data, ensure_ascii=False, indent=0) + "\n"
