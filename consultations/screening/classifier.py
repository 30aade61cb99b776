"""Classify a submission as ham, spam or to be held, with reasons; find phrases of distress.

Pure. The verdict only chooses the folder of the moderation queue: nothing is refused.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from django.utils.translation import gettext_lazy as _

from consultations.screening.parsed_text import (
    ParsedSubmission,
    PhraseSet,
    Submission,
    compile_phrases,
    count_scripts,
    folded_words,
    has_mixed_script_word,
    shorten,
    undisguised_words,
    visible_text,
)
from consultations.screening.scorer import Evidence, Scorer, load_default_scorer, probability
from consultations.screening.word_lists import DEFAULT_DISTRESS_WORDS, WordLists

__all__ = ["Classification", "History", "Submission", "classify"]

HAM, HOLD, SPAM = "ham", "hold", "spam"
# Measured in docs/screening.md. High: losing a genuine comment costs more than spam in the queue.
SPAM_THRESHOLD = 0.85
HOLD_THRESHOLD = 0.40
# How far the decisions of this practice's staff may move the log-odds, either way.
MAX_LEARNED_LOG_ODDS = 1.5
MANY_REPEATS, REPEAT_LOG_ODDS = 3, 2.0
# The scorer must know this share of the words, or it cannot tell spam from another language.
MIN_KNOWN_SHARE = 0.4
MAX_REASONS = 6


@dataclass(frozen=True)
class History:
    """What is known besides the submission itself."""

    lists: WordLists = field(default_factory=WordLists)
    learned: float = 0.0  # log-odds from this practice's own decisions
    repeats: int = 0  # how often the same text was sent before
    from_network: int = 0  # comments from the same network address within the hour


@dataclass(frozen=True)
class Classification:
    """The result for one submission."""

    verdict: str  # HAM, HOLD or SPAM
    score: float  # probability of spam, 0 to 1
    reasons: list[str]  # codes of REASONS


def classify(
    submission: Submission,
    history: History | None = None,
    *,
    scorer: Scorer | None = None,
) -> Classification:
    """Combine rules, the trained scorer and what the practice knows into one verdict."""
    history = history or History()
    parsed = ParsedSubmission(submission)
    evidence = (scorer or load_default_scorer()).collect_evidence(parsed)
    learned = max(-MAX_LEARNED_LOG_ODDS, min(MAX_LEARNED_LOG_ODDS, history.learned))
    repeated = REPEAT_LOG_ODDS if history.repeats >= MANY_REPEATS and parsed.asks else 0.0
    score = probability(evidence.log_odds + learned + repeated)

    codes = [code for code in submission.marks if code in REASONS]
    codes += find_rule_reasons(
        parsed, history.lists, repeats=history.repeats, from_network=history.from_network
    )
    reads_like_spam = (
        score >= SPAM_THRESHOLD
        and parsed.asks
        and not parsed.is_about_people
        # A few staff decisions may tip the balance, but never turn a clear case into spam.
        and evidence.score >= HOLD_THRESHOLD
        and (evidence.known_share >= MIN_KNOWN_SHARE or parsed.has_sales_topic)
    )
    is_kept = (
        parsed.is_personal
        or parsed.is_help_referral
        or has_distress_phrase(submission.text, (*DEFAULT_DISTRESS_WORDS, *history.lists.distress))
    )
    by_program = bool(SPAM_REASONS.intersection(codes))
    # "cheap-pills.com" is nobody's name.
    has_spam_name = parsed.is_name_an_address and parsed.has_sales_name
    by_words = reads_like_spam or has_spam_name or "listed_spam" in codes
    if by_program or (by_words and not is_kept):
        verdict = SPAM
    elif by_words or score >= HOLD_THRESHOLD or HOLD_REASONS.intersection(codes):
        verdict = HOLD
    else:
        verdict = HAM
    if by_program or (verdict == SPAM and not reads_like_spam):
        score = max(score, 0.99)
    if score >= HOLD_THRESHOLD and not by_program:
        codes += _score_reasons(score, learned, evidence)
    if by_words and is_kept and not by_program:
        codes.append("kept")
    return Classification(verdict, round(score, 4), list(dict.fromkeys(codes)))


def _score_reasons(score: float, learned: float, evidence: Evidence) -> list[str]:
    first = "reads_like_spam" if score >= SPAM_THRESHOLD else "reads_a_little_like_spam"
    reasons = [first, *(["learned"] if learned >= 0.3 else [])]
    return (reasons + scorer_reasons(evidence.strongest))[:MAX_REASONS]


# Reasons to doubt a comment: codes with their labels. They never quote the text.

REASONS = {
    # found by the form
    "honeypot": _("Filled a field that people do not see"),
    "too_fast": _("Sent within three seconds"),
    "no_time": _("Sent without opening the page"),
    # rules
    "links": _("Two links or more"),
    "name_address": _("The name looks like a web address"),
    "name_brand": _("The name is that of a product or brand"),
    "listed_hold": _("Has a word or phrase from your list of words to look at"),
    "listed_spam": _("Has a word or phrase from your list of spam words"),
    "repeated": _("The same words came before"),
    "many_from_here": _("Several comments came from the same place within the hour"),
    "other_script": _("Written in an alphabet that this site does not use"),
    "mixed_letters": _("Words are made of letters from two alphabets"),
    "kept": _(
        "Speaks of distress, of a help line or of the writer’s own life, so it is not put into spam"
    ),
    # found by the scorer
    "reads_like_spam": _("Reads like spam that is known"),
    "reads_a_little_like_spam": _("Reads a little like spam"),
    "learned": _("Uses words of comments that you marked as spam"),
    "sells": _("Speaks of something that is often advertised"),
    "offers": _("Makes an offer, or asks to visit, call or subscribe"),
    "general_praise": _("General praise that fits any page, with a website"),
    "website_sells": _("The website given looks like an advertisement"),
    "name_sells": _("The name looks like a search phrase or an advertisement"),
    "contact": _("Gives a number, an address or a link"),
    "link_markup": _("Links are written in markup"),
    "money_or_numbers": _("Names prices or many numbers"),
    "loud": _("Capitals or repeated punctuation"),
    "spam_program": _("Looks like the output of a spam program"),
}
# Signs of a program: each alone puts a comment into the spam folder.
SPAM_REASONS = frozenset({"honeypot", "too_fast"})
# Reasons for staff to look, whatever the score.
HOLD_REASONS = frozenset(
    {
        "no_time", "links", "name_address", "name_brand", "listed_hold", "listed_spam", "repeated",
        "many_from_here", "other_script", "mixed_letters",
    }
)  # fmt: skip
MANY_LINKS = 2
MANY_FROM_NETWORK = 3  # within an hour
MIN_LETTERS_FOR_SCRIPT = 4

_FEATURES_BY_REASON = {
    "sells": (
        "h:pharma", "h:gambling", "h:search_ranking", "h:goods", "h:money", "h:crypto", "h:adult",
        "h:hire", "s:selling_link", "x:topic_leads", "x:topics", "x:topic_offer", "x:hire_contact",
    ),
    "offers": ("h:offer", "h:channel", "h:mobile", "x:offer_leads"),
    "general_praise": ("x:praise1_url", "x:praise2_url", "x:praise3_url", "x:praise_link"),
    "website_sells": (
        "u:selling", "u:odd_ending", "u:referral", "u:shortener", "u:deep", "u:hyphens", "u:digits",
        "u:trades_1", "u:trades_2",
    ),
    "name_sells": (
        "a:selling", "a:trades_1", "a:trades_2", "a:in_path", "a:lower_url", "a:long",
        "a:gibberish", "a:digits", "x:trades", "x:selling_name_url",
    ),
    "contact": (
        "s:links_1", "s:links_2", "s:links_3", "s:links_4", "s:domain", "s:email", "s:phone",
        "s:short_code", "s:only_link", "s:dense_links", "s:referral", "s:odd_link",
    ),
    "link_markup": ("s:bbcode", "s:markup_link"),
    "money_or_numbers": (
        "s:money", "s:rate", "s:percent", "s:two_numbers", "s:digits_2", "s:digits_3", "s:digits_4",
    ),
    "loud": ("s:repeated", "s:exclaims_3", "s:exclaims_4", "s:capitals_3", "s:capitals_4"),
    "spam_program": ("h:probe", "s:spinning"),
}  # fmt: skip
_REASON_BY_FEATURE = {
    feature: code for code, features in _FEATURES_BY_REASON.items() for feature in features
}


def find_rule_reasons(
    parsed: ParsedSubmission, lists: WordLists, *, repeats: int = 0, from_network: int = 0
) -> list[str]:
    """Return the codes of all rules that apply, in a fixed order."""
    # "" separates the parts: no phrase is found across it.
    name = [*parsed.name_words, "", *undisguised_words(parsed.name)]
    all_words = [*name, "", *parsed.words, *parsed.undisguised_words]
    rules = {
        "links": len(parsed.links) >= MANY_LINKS or parsed.has_markup_link,
        "name_address": parsed.is_name_an_address,
        "name_brand": compile_phrases(lists.brands).has(parsed.name_words),
        "listed_spam": compile_phrases(lists.spam).has(all_words),
        "listed_hold": compile_phrases(lists.hold).has(all_words),
        "repeated": repeats > 0,
        "many_from_here": from_network >= MANY_FROM_NETWORK,
        "other_script": is_in_other_script(parsed.plain, lists.scripts),
        "mixed_letters": has_mixed_script_word(parsed.raw),
    }
    return [code for code, applies in rules.items() if applies]


def is_in_other_script(text: str, scripts: frozenset[str]) -> bool:
    """Return whether most letters of the text belong to alphabets other than ``scripts``."""
    letters = count_scripts(text)
    total = sum(letters.values())
    expected = sum(count for script, count in letters.items() if script in scripts)
    return total >= MIN_LETTERS_FOR_SCRIPT and expected * 2 < total


def scorer_reasons(features: tuple[str, ...]) -> list[str]:
    """Return the reason codes of the scorer's strongest features; features without one drop out."""
    return list(
        dict.fromkeys(_REASON_BY_FEATURE[name] for name in features if name in _REASON_BY_FEATURE)
    )


# Distress: whether a text suggests that somebody is in danger or despair. A list of phrases, no
# score. Staff then see the message first and its writer sees the crisis lines first; nothing else
# follows. A quotation or a negation counts too: showing the lines needlessly does no harm.

# Words that may stand between the words of a phrase without changing its meaning.
_FILLER_TEXT = """
    just really so only literally simply actually honestly fucking fuckin freaking damn
    totally maybe probably sometimes always even still to
"""
_FILLER_WORDS = frozenset(_FILLER_TEXT.split())
# Spellings in two words that mean the same as one.
_CONTRACTIONS = {
    ("do", "not"): "dont", ("can", "not"): "cant", ("did", "not"): "didnt", ("will", "not"): "wont",
    ("does", "not"): "doesnt", ("would", "not"): "wouldnt", ("i", "am"): "im", ("i", "have"): "ive",
    ("my", "self"): "myself", ("no", "one"): "nobody", ("any", "more"): "anymore",
    ("he", "is"): "hes", ("self", "harm"): "selfharm",
}  # fmt: skip
_SPELLING_VARIANTS = {
    "cannot": "cant", "noone": "nobody", "wanna": "want", "gonna": "going", "u": "you",
    "ur": "your",
}  # fmt: skip


def has_distress_phrase(text: str, phrases: Iterable[str]) -> bool:
    """Return whether the text contains one of the phrases, in any spelling we can normalize."""
    listed = _normalized_phrase_set(tuple(phrases))
    if not listed:
        return False
    text = shorten(visible_text(shorten(text)))
    # "want to die" is also found in "i want to just die" and in "want to d i e".
    return listed.has(_normalize_words(folded_words(text))) or listed.has(
        _normalize_words(undisguised_words(text))
    )


@lru_cache(maxsize=8)
def _normalized_phrase_set(phrases: tuple[str, ...]) -> PhraseSet:
    normalized = []
    for phrase in phrases:
        star = "*" if phrase.rstrip().endswith("*") else ""
        if words := _normalize_words(folded_words(phrase)):
            normalized.append(" ".join(words) + star)
    return PhraseSet(normalized)


def _normalize_words(words: Sequence[str]) -> list[str]:
    normalized: list[str] = []
    for word in words:
        word = _SPELLING_VARIANTS.get(word, word)
        if normalized and (joined := _CONTRACTIONS.get((normalized[-1], word))) is not None:
            normalized[-1] = joined
        elif word not in _FILLER_WORDS:
            normalized.append(word)
    return normalized
