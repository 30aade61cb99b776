"""Check a text for problems with ethics, accessibility and readability. Pure functions.

These are suggestions and never block saving. There are no SEO keyword rules. The word lists are
English; in other languages only the structural rules (headings, pictures, links, tables) apply.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from pages.text.html_reading import (
    TextStructure,
    find_long_sentences,
    read_structure,
    reading_grade,
)

# As static/admin/practice_editor_paste.js writes it.
LOST_PICTURE_RE = re.compile(r"\[A picture could not be copied[^\]]*\]")
MAX_PLACES_PER_REMARK = 3  # per rule; editors would only scroll past more
CONTEXT_CHARS = 45  # shown on each side of a match
MAX_READING_GRADE = 11.0
MIN_WORDS_FOR_GRADE = 120  # the grade of a shorter text is unreliable

GUARANTEE_RE = re.compile(
    r"\bguarantee[sd]?\b|\bcures?\b|\bcured\b|\b100 ?%|\balways works?\b|\bnever fails?\b"
    r"|\brisk[- ]free\b|\bmiracle\b|\bsuccess rate\b|\bproven to (?:work|heal|fix|end)\b"
    r"|\bwill (?:heal|fix|cure|end|eliminate)\b|\bonce and for all\b"
    r"|\bpermanent(?:ly)? (?:relief|free|heal\w*|solution)\b"
    r"|\bthe (?:very )?best (?:therapist|counsell?or|coach|practice)\b",
    re.IGNORECASE,
)
TESTIMONIAL_RE = re.compile(
    r"\btestimonials?\b|\bhighly recommend\b|\b(?:would|can) recommend (?:her|him|them|this)\b"
    r"|\bchanged my life\b|\bsaved my (?:life|marriage)\b|\bmy therapist\b|\bmy counsell?or\b"
    r"|\b(?:five|5)[- ]stars?\b|\bclients? (?:say|said|tell|told) (?:us|me)\b",
    re.IGNORECASE,
)
CLIENT_STORY_RE = re.compile(
    r"\b(?:a|one|another) (?:client|patient) of (?:mine|ours)\b|\b(?:my|our) (?:client|patient)\b"
    r"|\bone of (?:my|our) (?:clients|patients)\b|\b(?:client|patient) (?:named|called)\b"
    r"|\blet(?:’|')?s call (?:her|him|them)\b|\bname (?:has been |was )?changed\b"
    r"|\b(?:a|an) \d{1,2}[- ]year[- ]old\b|\bI (?:once )?(?:worked|work) with (?:a|an) (?:woman|man"
    r"|couple|client|mother|father|teenager)\b",
    re.IGNORECASE,
)
DISGUISED_STORY_RE = re.compile(
    r"\bcomposites?\b|\bdisguised\b|\bfictional\b|\binvented\b", re.IGNORECASE
)
RESEARCH_CLAIM_RE = re.compile(
    r"\b(?:research|studies|science|evidence|data) (?:has |have |clearly )?"
    r"(?:shows?|shown|proves?|proven|suggests?|finds?|found|confirms?)\b"
    r"|\bscientifically (?:proven|shown)\b|\baccording to (?:research|studies|science)\b"
    r"|\bresearchers (?:have )?(?:found|say|show)\b",
    re.IGNORECASE,
)
VAGUE_LINK_RE = re.compile(
    r"^(?:click )?here$|^(?:read|learn|see|find out) more$|^this$|^link$|^more$", re.I
)
FILE_NAME_RE = re.compile(
    r"\.(?:jpe?g|png|gif|webp|avif|heic)$|^(?:img|dsc|image|photo)[-_ ]?\d+", re.I
)
PICTURE_OF_RE = re.compile(r"^(?:a |an |the )?(?:picture|photo|photograph|image) of\b", re.I)
URL_RE = re.compile(r"\bhttps?://\S+", re.I)
EMBED_SHORTCODE_RE = re.compile(
    r"\[/?(?:embed|youtube|video|audio|gallery|caption|contact-form)[^\]]*\]", re.I
)
# Sites that are often embedded or linked and that track visitors.
TRACKING_SITES = {
    "youtube.com": "YouTube", "youtu.be": "YouTube", "vimeo.com": "Vimeo",
    "facebook.com": "Facebook", "instagram.com": "Instagram", "tiktok.com": "TikTok",
    "x.com": "X", "twitter.com": "X", "linkedin.com": "LinkedIn", "spotify.com": "Spotify",
    "maps.google.com": "Google Maps", "google.com": "Google", "forms.gle": "Google Forms",
    "calendly.com": "Calendly",
}  # fmt: skip


@dataclass(frozen=True)
class Remark:
    """One suggestion, with the matched text and its context if there is any."""

    code: str
    title: str
    advice: str
    before: str = ""
    place: str = ""
    after: str = ""


@dataclass(frozen=True)
class CheckedText:
    """A text to check, with the facts about its page that the rules need."""

    html: str
    has_references: bool = False
    calls_at_the_end: bool = False
    story_is_composite: bool = False
    praise_is_permitted: bool = False
    decorative: frozenset[str] = (
        frozenset()
    )  # UUIDs of pictures marked as decorative in the library
    unknown_blocks: tuple[str, ...] = ()
    has_summary: bool = True
    call_urls: tuple[str, ...] = field(default=("/consultation/",))


def check_text(text: CheckedText) -> list[Remark]:
    """Return all remarks on a text, grouped by rule."""
    structure = read_structure(text.html)
    rules = (_check_promises, _check_testimonials, _check_stories, _check_research)
    remarks = [remark for rule in rules for remark in rule(text, structure)]
    for rule in (
        _check_pictures,
        _check_headings,
        _check_links,
        _check_embeds,
        _check_tables,
        _check_blocks,
        _check_next_step,
        _check_readability,
    ):
        remarks += rule(text, structure)
    return remarks


def _check_promises(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    yield from _remarks_for_matches(
        structure, GUARANTEE_RE, "guarantee", _("This sounds like a promise of success."),
        _("Nobody can promise how therapy or coaching ends. Say what you do, or what often helps."),
    )  # fmt: skip


def _check_testimonials(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    if text.praise_is_permitted:
        return
    yield from _remarks_for_matches(
        structure, TESTIMONIAL_RE, "testimonial", _("This reads like the praise of a client."),
        _("The codes of ethics forbid asking clients for it. If it stays: only with a written "
          "permission, whose day you note under “permission to quote praise”, and never of "
          "somebody who still comes."),
    )  # fmt: skip


def _check_stories(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    whole = " ".join(block.text for block in structure.blocks)
    if text.story_is_composite or DISGUISED_STORY_RE.search(whole):
        return
    yield from _remarks_for_matches(
        structure, CLIENT_STORY_RE, "story", _("This may tell the story of a real client."),
        _("Could they, or somebody who knows them, see who it is? Change it until nobody can, tick "
          "“stories are composite or disguised”, and say so in the text."),
    )  # fmt: skip


def _check_research(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    if text.has_references:
        return
    bare = [block for block in structure.blocks if not any(_url_host(a.href) for a in block.links)]
    yield from _remarks_for_matches(
        TextStructure(bare), RESEARCH_CLAIM_RE, "research", _("Which research?"),
        _("Name the work under “References”, or link to it here. Without one, say it as your own "
          "experience."),
    )  # fmt: skip


def _check_pictures(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    yield from _remarks_for_matches(
        structure, LOST_PICTURE_RE, "lost-picture", _("A picture is missing here."),
        _("It could not be pasted. Drop its file into the text, and delete this line."),
    )  # fmt: skip
    for uuid, alt in structure.pictures[:20]:
        if not alt and uuid not in text.decorative:
            yield Remark(
                "alt", _("A picture says nothing to those who cannot see it."),
                _("Describe it in a sentence, or mark it as decorative in the media library."),
            )  # fmt: skip
        elif FILE_NAME_RE.search(alt):
            yield Remark(
                "alt-file-name", _("A picture is described by the name of its file."),
                _("Say what the picture tells."), place=alt,
            )  # fmt: skip
        elif PICTURE_OF_RE.search(alt):
            yield Remark(
                "alt-picture-of", _("“Picture of” is heard twice by those who listen."),
                _("Begin with what there is to see."), place=alt,
            )  # fmt: skip


def _check_headings(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    level = 1
    for heading in structure.headings:
        own = int(heading.kind[1])
        if own > level + 1:
            yield Remark(
                "heading-jump", _("A heading leaves out a level."),
                _("People who listen to a page move by its headings. Below the title comes level "
                  "2, below that level 3."), place=heading.text,
            )  # fmt: skip
        level = own


def _check_links(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    for link in [link for link in structure.links if VAGUE_LINK_RE.search(link.text)][
        :MAX_PLACES_PER_REMARK
    ]:
        yield Remark(
            "vague-link", _("The words of a link do not say where it leads."),
            _("Links are often read alone, in a list: name the page behind it."), place=link.text,
        )  # fmt: skip
    for link in [link for link in structure.links if URL_RE.search(link.text)][
        :MAX_PLACES_PER_REMARK
    ]:
        yield Remark(
            "bare-link", _("A link shows its bare address."),
            _("Screen readers spell it out, sign by sign. Put words there."), place=link.text,
        )  # fmt: skip


def _check_embeds(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    named: dict[str, str] = {}
    for link in structure.links:
        host = _url_host(link.href)
        name = next(
            (n for h, n in TRACKING_SITES.items() if host == h or host.endswith(f".{h}")), ""
        )
        if name:
            named.setdefault(name, link.text)
    for name, words in named.items():
        yield Remark(
            "elsewhere", _("A link leads to %(name)s.") % {"name": name},
            _("That site may follow whoever opens it. Say in the words of the link where it leads; "
              "nothing of it is shown on your own page."), place=words,
        )  # fmt: skip
    for block in structure.blocks:
        if not block.links and (
            match := EMBED_SHORTCODE_RE.search(block.text) or URL_RE.search(block.text)
        ):
            yield Remark(
                "embed", _("Something from another site was meant to stand here."),
                _("This site shows nothing of others, as they would learn of your readers. Make it "
                  "a link with words."), *_show_context(block.text, *match.span()),
            )  # fmt: skip


def _check_tables(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    if structure.tables_without_heading:
        yield Remark(
            "table", _("A table has no heading row."),
            _("Without it nobody who listens knows what a number means. Make the first row a "
              "heading row."),
        )  # fmt: skip


def _check_blocks(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    for name in text.unknown_blocks:
        yield Remark(
            "block", _("There is no reusable block of this name."),
            _("Readers see nothing in its place. Correct the name, or write the block."),
            place=f"[[{name}]]",
        )  # fmt: skip


def _check_next_step(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    leads = any(link.href.startswith(text.call_urls) for link in structure.links)
    if not text.calls_at_the_end and not leads and "[[free-consultation]]" not in text.html:
        yield Remark(
            "call", _("The page ends without a next step."),
            _("One clear step helps: the block [[free-consultation]] is the usual one."),
        )  # fmt: skip
    if not text.has_summary:
        yield Remark(
            "summary", _("There is no summary."),
            _("Search engines and people who share the page show it. One or two sentences."),
        )  # fmt: skip


def _check_readability(text: CheckedText, structure: TextStructure) -> Iterator[Remark]:
    prose = [block for block in structure.blocks if block.kind in {"p", "li", "dd"}]
    for block, sentence in find_long_sentences(prose)[:MAX_PLACES_PER_REMARK]:
        start = block.text.index(sentence)
        yield Remark(
            "long-sentence",
            _("A sentence has %(count)d words.") % {"count": len(sentence.split())},
            _("On a hard day long sentences are lost. Two shorter ones say the same."),
            *_show_context(block.text, start, start + len(sentence[:90])),
        )
    level = reading_grade([block.text for block in prose], fewest_words=MIN_WORDS_FOR_GRADE)
    if level > MAX_READING_GRADE:
        yield Remark(
            "grade", _("The text asks for about %(years)d years of school.")
            % {"years": round(level)},
            _("Shorter words and sentences reach more people, above all those who are worn out."),
        )  # fmt: skip


def _remarks_for_matches(
    structure: TextStructure, pattern: re.Pattern[str], code: str, title: str, advice: str
) -> Iterator[Remark]:
    matches = (
        (block.text, match) for block in structure.blocks for match in pattern.finditer(block.text)
    )
    for text, match in islice(matches, MAX_PLACES_PER_REMARK):
        yield Remark(code, title, advice, *_show_context(text, *match.span()))


def _show_context(text: str, start: int, end: int) -> tuple[str, str, str]:
    """Return the text before, at and after a place, shortening long context with an ellipsis."""
    before, after = text[:start], text[end:]
    return (
        f"…{before[-CONTEXT_CHARS:]}" if len(before) > CONTEXT_CHARS else before,
        text[start:end],
        f"{after[:CONTEXT_CHARS]}…" if len(after) > CONTEXT_CHARS else after,
    )


def _url_host(href: str) -> str:
    """Return the host of a URL without `www.`, or an empty string if it has none."""
    try:
        return (urlsplit(href).hostname or "").removeprefix("www.")
    except ValueError:
        return ""
