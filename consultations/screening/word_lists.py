"""The shipped word lists of screening, which staff may replace by their own."""

from dataclasses import dataclass, field

MAX_PHRASES = 500
MAX_PHRASE_CHARS = 80


def _parse_phrases(written: str) -> tuple[str, ...]:
    return tuple(line.strip() for line in written.strip().splitlines() if line.strip())


DEFAULT_HOLD_WORDS = _parse_phrases("""
    viagra
    cialis
    casino
    backlinks
    payday loan*
    replica watches
    forex
    binary options
    escort service*
    spell caster*
    hire a hacker
    weight loss pills
""")

# Only phrases that nobody but a seller uses: people in trouble write about casinos and pills too.
DEFAULT_SPAM_WORDS = _parse_phrases("""
    buy viagra online
    buy cialis online
    cheap viagra online
    no deposit bonus code*
    situs judi slot
    slot gacor hari ini
    buy backlinks cheap
    first page of google guaranteed
    blank atm card for sale
    cloned cards for sale
    replica rolex for sale
    join the illuminati today
""")

DEFAULT_BRAND_NAMES = _parse_phrases("""
    viagra
    cialis
    binance
    louis vuitton
    gucci
    rolex
    ray ban
    michael kors
    nike outlet
    bet365
    1xbet
    xanax
    tramadol
""")

DEFAULT_DISTRESS_WORDS = _parse_phrases("""
    suicid*
    kill myself
    killing myself
    kill me
    kms
    unalive*
    end my life
    ending my life
    end it all
    ending it all
    end it tonight
    take my life
    taking my life
    take my own life
    want to die
    wants to die
    wanted to die
    wanting to die
    wish i was dead
    wish i were dead
    wish i wasnt here
    wish i would die
    wish i could die
    better off dead
    rather be dead
    ready to die
    going to die
    let me die
    plan to die
    planning to die
    dont want to live
    dont want to be alive
    dont want to be here
    dont want to exist
    dont want to wake up
    didnt want to live
    doesnt want to live
    not want to live
    cant go on
    cant do this anymore
    cant take it anymore
    cant take this anymore
    cant live like this
    cant live anymore
    cant keep going
    i want it to stop
    i just want it to end
    tired of living
    tired of being alive
    tired of life
    done with life
    no reason to live
    no point in living
    no point in going on
    nothing to live for
    no way out
    life is not worth living
    life isnt worth living
    not worth living
    better off without me
    nobody would miss me
    nobody will miss me
    would not miss me
    say goodbye to everyone
    goodbye letter
    goodbye note
    jump off
    jump in front of
    hang myself
    hanging myself
    hanged myself
    hung myself
    shoot myself
    shot myself
    drown myself
    slit my wrists
    cut my wrists
    cut myself
    cutting myself
    cutting again
    hurt myself
    hurting myself
    harm myself
    harming myself
    selfharm*
    burn myself
    burning myself
    starve myself
    overdose*
    overdosed
    took pills
    took all my pills
    took a lot of pills
    take all my pills
    swallow pills
    have a gun
    hes going to kill me
    he will kill me
    she will kill me
    threatened to kill me
    threatens to kill me
    going to kill me
    going to kill him
    going to kill her
    going to kill someone
    hurt my baby
    hurt my child
    harm my baby
    harm my child
    hits me
    beats me
    beat me up
    hit me again
    chokes me
    choked me
    strangled me
    raped
    rapes me
    molest*
    sexually abused
    touched me there
    afraid for my life
    afraid of what i might do
    not safe at home
    i am in danger
    i am not safe
    nowhere to go
    cant be alone tonight
    voices tell me
    voices telling me
    quiero morir
    me quiero morir
    quiero matarme
    quitarme la vida
    no quiero vivir
    suicidarme
    autolesion*
    envie de mourir
    me tuer
    me suicider
    will nicht mehr leben
    mich umbringen
    selbstmord*
    хочу умереть
    покончить с собой
    не хочу жить
    自杀
    想死
    死にたい
    자살
    죽고 싶*
""")


DEFAULT_WORD_LISTS: dict[str, tuple[str, ...]] = {
    "hold_words": DEFAULT_HOLD_WORDS,
    "spam_words": DEFAULT_SPAM_WORDS,
    "brand_names": DEFAULT_BRAND_NAMES,
    "distress_words": DEFAULT_DISTRESS_WORDS,
}


@dataclass(frozen=True)
class WordLists:
    """The lists that a submission is compared with. Without arguments: as shipped."""

    hold: tuple[str, ...] = DEFAULT_HOLD_WORDS
    spam: tuple[str, ...] = DEFAULT_SPAM_WORDS
    brands: tuple[str, ...] = DEFAULT_BRAND_NAMES
    distress: tuple[str, ...] = DEFAULT_DISTRESS_WORDS

    # The alphabets of the site's own language.
    scripts: frozenset[str] = field(default_factory=lambda: frozenset({"latin"}))
