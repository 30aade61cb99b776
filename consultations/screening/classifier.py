"""All that is known of one comment, to one verdict. Pure: it sorts the queue and refuses nobody."""

from dataclasses import dataclass, field

from django.utils.translation import gettext_lazy as _

from consultations.screening import distress, text_matching
from consultations.screening import scorer as screening_scorer
from consultations.screening.parsed_text import ParsedSubmission, Submission
from consultations.screening.text_matching import compile_phrases
from consultations.screening.word_lists import DEFAULT_DISTRESS_WORDS, WordLists

__all__ = ["Classification", "History", "Submission", "classify"]

HAM, HOLD, SPAM = "ham", "hold", "spam"
# Measured in docs/screening.md. High: a lost genuine comment costs more than spam that waits.
SPAM_THRESHOLD = 0.85
HOLD_THRESHOLD = 0.40
# How far what this practice's staff decided may move the log-odds, either way.
MAX_LEARNED_LOG_ODDS = 1.5
MANY_REPEATS, REPEAT_LOG_ODDS = 3, 2.0
# Of its words the scorer must know this share, or it cannot tell spam from another language.
MIN_KNOWN_SHARE = 0.4
MAX_REASONS = 6


@dataclass(frozen=True)
class History:
    """What the practice knows besides the comment itself."""

    lists: WordLists = field(default_factory=WordLists)
    learned: float = 0.0  # log-odds from this practice's own decisions
    repeats: int = 0  # the same words, sent before
    from_here: int = 0  # comments from the same network address within the hour


@dataclass(frozen=True)
class Classification:
    verdict: str
    score: float
    reasons: list[str]


def classify(
    submission: Submission,
    history: History | None = None,
    *,
    scorer: screening_scorer.Scorer | None = None,
) -> Classification:
    history = history or History()
    reading = ParsedSubmission(submission)
    evidence = (scorer or screening_scorer.load_default_scorer()).collect_evidence(reading)
    learned = max(-MAX_LEARNED_LOG_ODDS, min(MAX_LEARNED_LOG_ODDS, history.learned))
    repeating = REPEAT_LOG_ODDS if history.repeats >= MANY_REPEATS and reading.asks else 0.0
    score = screening_scorer.probability(evidence.log_odds + learned + repeating)

    codes = [code for code in submission.marks if code in REASONS]
    codes += find_rule_reasons(
        reading, history.lists, repeats=history.repeats, from_here=history.from_here
    )
    reads_like_spam = (
        score >= SPAM_THRESHOLD
        and reading.asks
        and not reading.is_about_people
        # A few decisions of staff may tip the balance, never make spam of what is far from it.
        and evidence.score >= HOLD_THRESHOLD
        and (evidence.known_share >= MIN_KNOWN_SHARE or reading.has_sales_topic)
    )
    is_kept = (
        reading.is_personal
        or reading.is_help_referral
        or distress.has_distress_phrase(
            submission.text, (*DEFAULT_DISTRESS_WORDS, *history.lists.distress)
        )
    )
    by_program = bool(SPAM_REASONS.intersection(codes))
    # "cheap-pills.com" is nobody's name.
    is_named_so = reading.is_name_an_address and reading.has_sales_name
    by_words = reads_like_spam or is_named_so or "listed_spam" in codes
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


def _score_reasons(score: float, learned: float, evidence: screening_scorer.Evidence) -> list[str]:
    first = "reads_like_spam" if score >= SPAM_THRESHOLD else "reads_a_little_like_spam"
    found = [first, *(["learned"] if learned >= 0.3 else [])]
    return (found + scorer_reasons(evidence.speaking))[:MAX_REASONS]


# What gives reason to doubt a comment. Pure: a reading in, codes out.
#
# Reasons are codes; ``REASONS`` has their words. They never quote the text.

REASONS = {
    # noticed by the form
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
    # what the scorer saw
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
# What a program does and a person does not: these alone put a comment into the spam folder.
SPAM_REASONS = frozenset({"honeypot", "too_fast"})
# A reason to look, whatever the score.
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
    reading: ParsedSubmission, lists: WordLists, *, repeats: int = 0, from_here: int = 0
) -> list[str]:
    """Codes in a fixed order; what the form noticed comes before them."""
    # No phrase reaches over a gap.
    name = [*reading.name_words, "", *text_matching.undisguised_words(reading.name)]
    everything = [*name, "", *reading.words, *reading.undisguised_words]
    found = {
        "links": len(reading.links) >= MANY_LINKS or reading.has_markup_link,
        "name_address": reading.is_name_an_address,
        "name_brand": compile_phrases(lists.brands).has(reading.name_words),
        "listed_spam": compile_phrases(lists.spam).has(everything),
        "listed_hold": compile_phrases(lists.hold).has(everything),
        "repeated": repeats > 0,
        "many_from_here": from_here >= MANY_FROM_NETWORK,
        "other_script": is_in_other_script(reading.plain, lists.scripts),
        "mixed_letters": text_matching.has_mixed_script_word(reading.raw),
    }
    return [code for code, is_so in found.items() if is_so]


def is_in_other_script(text: str, scripts: frozenset[str]) -> bool:
    letters = text_matching.count_scripts(text)
    total = sum(letters.values())
    ours = sum(count for script, count in letters.items() if script in scripts)
    return total >= MIN_LETTERS_FOR_SCRIPT and ours * 2 < total


def scorer_reasons(speaking: tuple[str, ...]) -> list[str]:
    """The scorer's strongest features, as codes that have words."""
    return list(
        dict.fromkeys(_REASON_BY_FEATURE[name] for name in speaking if name in _REASON_BY_FEATURE)
    )
