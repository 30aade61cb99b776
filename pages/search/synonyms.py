"""Synonyms and stop words for searching. Pure functions.

The default synonyms are words that mean the same to someone looking for help.
"""

from pages.text.fields import fold_text

DEFAULT_SYNONYMS = """\
grief, grieving, bereavement, bereaved, mourning, loss, death, died
anxiety, anxious, worry, worries, nervous
panic, panic attack
depression, depressed, low mood, sadness
stress, stressed, overwhelmed, overwhelm
burnout, burned, burnt, exhausted, exhaustion, tired
trauma, ptsd, flashbacks
sleep, insomnia, sleepless
anger, angry, rage
couple, couples, relationship, marriage, partner, husband, wife, spouse
argue, arguing, argument, fight, fights, fighting, conflict
divorce, separation, breakup
child, children, kids, teenager, teen
therapy, therapist, counselling, counseling, counsellor, counselor, psychotherapy
coach, coaching
fee, fees, cost, costs, price, prices, charge, expensive, pay
insurance, superbill, reimbursement
online, video, telehealth, remote, virtual
appointment, booking, consultation, first call
confidential, confidentiality, privacy, private
crisis, emergency, suicide, suicidal, urgent, overdose, self harm, kill myself
boundaries, boundary
self esteem, self worth, confidence
"""
MAX_GROUPS, MAX_WORDS_PER_GROUP = 300, 20

Phrase = tuple[str, ...]
Groups = dict[Phrase, tuple[Phrase, ...]]


def parse_synonyms(text: str) -> Groups:
    """Parse one comma-separated group per line into a mapping of each phrase to its synonyms.

    The synonyms start with the phrase itself. A phrase may be in several groups.
    """
    synonyms: dict[Phrase, dict[Phrase, None]] = {}
    for line in text.splitlines()[:MAX_GROUPS]:
        phrases = [
            phrase
            for part in line.split(",")[:MAX_WORDS_PER_GROUP]
            if (phrase := parse_phrase(part))
        ]
        for phrase in phrases:
            synonyms.setdefault(phrase, {phrase: None}).update(dict.fromkeys(phrases))
    return {phrase: tuple(group) for phrase, group in synonyms.items()}


def parse_phrase(text: str) -> Phrase:
    """Split a phrase into folded words, without the stop words that PostgreSQL doesn't index."""
    return tuple(word for word in fold_text(text).split() if word not in STOP_WORDS)


# English stop words. This is PostgreSQL's own list, so that both databases ignore the same words.
_STOP_WORD_LIST = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves what which who whom
    this that these those am is are was were be been being have has had having do does did doing
    a an the and but if or because as until while of at by for with about against between into
    through during before after above below to from up down in out on off over under again
    further then once here there when where why how all any both each few more most other some
    such no nor not only own same so than too very s t can will just don should now
"""
STOP_WORDS = frozenset(_STOP_WORD_LIST.split())
# Words typical of questions. They count only if the query contains nothing else.
QUESTION_WORDS = frozenset({
    "able", "cannot", "cant", "could", "dont", "find", "get", "getting", "give", "got", "im", "ive",
    "know", "many", "may", "might", "much", "need", "please", "really", "shall", "tell", "wanna",
    "want", "would",
})  # fmt: skip
