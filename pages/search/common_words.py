"""Words that do not tell one text from another. Pure."""

# English words that say nothing about a text; PostgreSQL's own list, so that both databases
# leave out the same.
_SAY_NOTHING = """
    i me my myself we our ours ourselves you your yours yourself yourselves he him his himself
    she her hers herself it its itself they them their theirs themselves what which who whom
    this that these those am is are was were be been being have has had having do does did doing
    a an the and but if or because as until while of at by for with about against between into
    through during before after above below to from up down in out on off over under again
    further then once here there when where why how all any both each few more most other some
    such no nor not only own same so than too very s t can will just don should now
"""
STOP_WORDS = frozenset(_SAY_NOTHING.split())
# Words of asking rather than of the matter; they count only where nothing else was typed.
ASKING = frozenset({
    "able", "cannot", "cant", "could", "dont", "find", "get", "getting", "give", "got", "im", "ive",
    "know", "many", "may", "might", "much", "need", "please", "really", "shall", "tell", "wanna",
    "want", "would",
})  # fmt: skip
