"""Every word of the interface can be translated, and is said in our tone."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import DebugLexer, TokenType

PROJECT = Path(__file__).parents[1]
TEMPLATES = PROJECT / "templates"
# For those who work on the site, in the language of its code.
FOR_DEVELOPERS = {"patterns.html", "patterns.py"}
SPOKEN_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "data-label", "label", "summary"}
GETTEXT = {"_", "_g", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
SPOKEN_ARGUMENTS = {"label", "help_text", "verbose_name", "verbose_name_plural", "description"}
SPEAKING_CALLS = {"ValidationError", "success", "warning", "error", "info"}
LETTER = re.compile(r"[^\W\d_]")
OUT_OF_TUNE = re.compile(
    r"!|\b(?:just|simply|easy|easily|obviously|invalid|failed|you must|oops|whoops"
    r"|illegal|forbidden|unfortunately|appointment|inquiry)\b",
    re.IGNORECASE,
)


class BareWords(HTMLParser):
    """Letters in text and in spoken attributes, whatever remains of a template without its tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.is_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code += tag in ("script", "style", "code")
        self.found += [
            f"{name}={value}"
            for name, value in attrs
            if name in SPOKEN_ATTRIBUTES and LETTER.search(value or "")
        ]

    def handle_endtag(self, tag: str) -> None:
        self.is_code -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if LETTER.search(data) and not self.is_code:
            self.found.append(data.strip())


def without_template_tags(source: str) -> str:
    """What is left when translations, tags, values and comments are taken out."""
    kept: list[str] = []
    hidden_until = ""
    for token in DebugLexer(source).tokenize():
        word = token.contents.split()[0] if token.contents.split() else ""
        if hidden_until:
            hidden_until = "" if word == hidden_until else hidden_until
        elif token.token_type == TokenType.BLOCK and word in ("blocktranslate", "comment"):
            hidden_until = f"end{word}"
        elif token.token_type == TokenType.TEXT:
            kept.append(token.contents)
    return "".join(kept)


def bare_words(source: str, *, is_html: bool = True) -> list[str]:
    rest = without_template_tags(source)
    if not is_html:
        return [line.strip() for line in rest.splitlines() if LETTER.search(line)]
    parser = BareWords()
    parser.feed(rest)
    parser.close()
    return parser.found


def templates() -> list[Path]:
    found = [p for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".txt")]
    return sorted(p for p in found if str(p.relative_to(TEMPLATES)) not in FOR_DEVELOPERS)


@pytest.mark.parametrize("path", templates(), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_word_of_a_template_can_be_translated(path):
    source = path.read_text(encoding="utf-8")
    assert bare_words(source, is_html=path.suffix == ".html") == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("<p>Hello</p>", ["Hello"]),
        ('<p>{% translate "Hello" %} {{ name }} – 3</p>', []),
        ("{% blocktranslate %}Hello {{ name }}{% endblocktranslate %}", []),
        ('<img alt="A door">', ["alt=A door"]),
        ('<a class="door" href="/x/" aria-label="{% translate "Door" %}"></a>', []),
        ("<p>{% if a %}yes{% endif %}</p>", ["yes"]),
        ("{% comment %}why{% endcomment %}{# why #}", []),
    ],
)
def test_the_search_for_bare_words_finds_them(source, found):
    assert bare_words(source) == found


def python_files() -> list[Path]:
    everything = [
        p for package in ("pages", "consultations") for p in (PROJECT / package).rglob("*.py")
    ]
    silent = {"migrations", "management", "demo", *FOR_DEVELOPERS}
    return sorted(p for p in everything if not silent & set(p.parts))


def name_of(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def untranslated(source: str) -> list[str]:
    """Literals that are shown to people although gettext never sees them."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        shown = [word.value for word in call.keywords if word.arg in SPOKEN_ARGUMENTS]
        if name_of(call) in SPEAKING_CALLS and not is_logger(call):
            shown += call.args
        found += [
            one.value
            for one in shown
            if isinstance(one, ast.Constant)
            and isinstance(one.value, str)
            and LETTER.search(one.value)
        ]
    return found


def is_logger(call: ast.Call) -> bool:
    owner = getattr(call.func, "value", None)
    return getattr(owner, "id", "") in ("log", "logger")


def test_every_spoken_word_of_the_code_can_be_translated():
    found = {
        str(path.relative_to(PROJECT)): words
        for path in python_files()
        if (words := untranslated_but_known(path))
    }
    assert found == {}


def untranslated_but_known(path: Path) -> list[str]:
    words = untranslated(path.read_text(encoding="utf-8"))
    # Labels of encrypted columns are bytes of the ciphertext's seal, not words.
    return [word for word in words if not re.fullmatch(r"[a-z_]+\.[a-z_]+", word)]


def test_the_search_in_the_code_finds_a_bare_word():
    assert untranslated('forms.CharField(label="Name")') == ["Name"]
    assert untranslated('raise ValidationError("No", code="x")') == ["No"]
    assert untranslated('forms.CharField(label=_("Name"))') == []
    assert untranslated('log.info("mail sent")') == []


def spoken() -> list[tuple[str, str]]:
    """(where, words) of everything that gettext is given."""
    found = []
    for path in templates():
        source = path.read_text(encoding="utf-8")
        where = str(path.relative_to(PROJECT))
        found += [(where, w) for w in re.findall(r'{%\s*translate\s+"([^"]*)"', source)]
        blocks = re.findall(
            r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", source, re.DOTALL
        )
        found += [(where, w) for w in blocks]
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and name_of(node) in GETTEXT:
                found += [
                    (str(path.relative_to(PROJECT)), one.value)
                    for one in node.args
                    if isinstance(one, ast.Constant) and isinstance(one.value, str)
                ]
    return found


def test_the_interface_speaks_calmly():
    everything = spoken()
    assert len(everything) > 300
    assert [(where, words) for where, words in everything if OUT_OF_TUNE.search(words)] == []


@pytest.mark.parametrize("bad", ["Done!", "Invalid email", "You must log in", "It is just a step"])
def test_the_tone_is_heard(bad):
    assert OUT_OF_TUNE.search(bad)
