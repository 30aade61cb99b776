"""All interface text is translatable and follows our wording rules."""

import ast
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import DebugLexer, TokenType

PROJECT = Path(__file__).parents[1]
TEMPLATES = PROJECT / "templates"
# Read by developers only.
DEVELOPER_FILES = {"patterns.html", "patterns.py"}
TEXT_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "data-label", "label", "summary"}
GETTEXT_FUNCTIONS = {"_", "_g", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext"}
TEXT_ARGUMENTS = {"label", "help_text", "verbose_name", "verbose_name_plural", "description"}
MESSAGE_CALLS = {"ValidationError", "success", "warning", "error", "info"}
LETTER = re.compile(r"[^\W\d_]")
BANNED_WORDING = re.compile(
    r"!|\b(?:just|simply|easy|easily|obviously|invalid|failed|you must|oops|whoops"
    r"|illegal|forbidden|unfortunately|appointment|inquiry)\b",
    re.IGNORECASE,
)


class UntranslatedTextParser(HTMLParser):
    """Collects text and text attributes with letters from a template without its template tags."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.found: list[str] = []
        self.is_code = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.is_code += tag in ("script", "style", "code")
        self.found += [
            f"{name}={value}"
            for name, value in attrs
            if name in TEXT_ATTRIBUTES and LETTER.search(value or "")
        ]

    def handle_endtag(self, tag: str) -> None:
        self.is_code -= tag in ("script", "style", "code")

    def handle_data(self, data: str) -> None:
        if LETTER.search(data) and not self.is_code:
            self.found.append(data.strip())


def strip_template_tags(source: str) -> str:
    """Return the source without translations, tags, values and comments."""
    texts: list[str] = []
    hidden_until = ""
    for token in DebugLexer(source).tokenize():
        word = token.contents.split()[0] if token.contents.split() else ""
        if hidden_until:
            hidden_until = "" if word == hidden_until else hidden_until
        elif token.token_type == TokenType.BLOCK and word in ("blocktranslate", "comment"):
            hidden_until = f"end{word}"
        elif token.token_type == TokenType.TEXT:
            texts.append(token.contents)
    return "".join(texts)


def untranslated_template_text(source: str, *, is_html: bool = True) -> list[str]:
    rest = strip_template_tags(source)
    if not is_html:
        return [line.strip() for line in rest.splitlines() if LETTER.search(line)]
    parser = UntranslatedTextParser()
    parser.feed(rest)
    parser.close()
    return parser.found


def template_paths() -> list[Path]:
    found = [p for p in TEMPLATES.rglob("*") if p.suffix in (".html", ".txt")]
    return sorted(p for p in found if str(p.relative_to(TEMPLATES)) not in DEVELOPER_FILES)


@pytest.mark.parametrize(
    "path", template_paths(), ids=lambda path: str(path.relative_to(TEMPLATES))
)
def test_template_text_is_translatable(path):
    source = path.read_text(encoding="utf-8")
    assert untranslated_template_text(source, is_html=path.suffix == ".html") == []


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
def test_template_text_search_finds_untranslated_text(source, found):
    assert untranslated_template_text(source) == found


def python_files() -> list[Path]:
    everything = [
        p for package in ("pages", "consultations") for p in (PROJECT / package).rglob("*.py")
    ]
    silent = {"migrations", "management", "demo", *DEVELOPER_FILES}
    return sorted(p for p in everything if not silent & set(p.parts))


def call_name(call: ast.Call) -> str:
    return str(getattr(call.func, "attr", None) or getattr(call.func, "id", ""))


def untranslated_literals(source: str) -> list[str]:
    """Return the string literals that users would see without translation."""
    found = []
    for call in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)):
        shown = [word.value for word in call.keywords if word.arg in TEXT_ARGUMENTS]
        if call_name(call) in MESSAGE_CALLS and not is_log_call(call):
            shown += call.args
        found += [
            text.value
            for text in shown
            if isinstance(text, ast.Constant)
            and isinstance(text.value, str)
            and LETTER.search(text.value)
        ]
    return found


def is_log_call(call: ast.Call) -> bool:
    owner = getattr(call.func, "value", None)
    return getattr(owner, "id", "") in ("log", "logger")


def test_user_facing_strings_in_code_are_translatable():
    found = {
        str(path.relative_to(PROJECT)): words
        for path in python_files()
        if (words := untranslated_in_file(path))
    }
    assert found == {}


def untranslated_in_file(path: Path) -> list[str]:
    words = untranslated_literals(path.read_text(encoding="utf-8"))
    # Labels of encrypted columns are authenticated data, not text.
    return [word for word in words if not re.fullmatch(r"[a-z_]+\.[a-z_]+", word)]


def test_code_search_finds_untranslated_strings():
    assert untranslated_literals('forms.CharField(label="Name")') == ["Name"]
    assert untranslated_literals('raise ValidationError("No", code="x")') == ["No"]
    assert untranslated_literals('forms.CharField(label=_("Name"))') == []
    assert untranslated_literals('log.info("mail sent")') == []


def interface_texts() -> list[tuple[str, str]]:
    """Return (file, text) of every text passed to gettext."""
    found = []
    for path in template_paths():
        source = path.read_text(encoding="utf-8")
        where = str(path.relative_to(PROJECT))
        found += [(where, w) for w in re.findall(r'{%\s*translate\s+"([^"]*)"', source)]
        blocks = re.findall(
            r"{% blocktranslate.*?%}(.*?){% endblocktranslate %}", source, re.DOTALL
        )
        found += [(where, w) for w in blocks]
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and call_name(node) in GETTEXT_FUNCTIONS:
                found += [
                    (str(path.relative_to(PROJECT)), argument.value)
                    for argument in node.args
                    if isinstance(argument, ast.Constant) and isinstance(argument.value, str)
                ]
    return found


def test_interface_texts_avoid_banned_wording():
    everything = interface_texts()
    assert len(everything) > 300
    assert [(where, words) for where, words in everything if BANNED_WORDING.search(words)] == []


@pytest.mark.parametrize("bad", ["Done!", "Invalid email", "You must log in", "It is just a step"])
def test_banned_wording_pattern_matches_examples(bad):
    assert BANNED_WORDING.search(bad)
