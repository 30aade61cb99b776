"""Whatever the docs name exists: links, paths, symbols, commands, settings and URLs."""

import re
from functools import cache
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import Resolver404, get_resolver, resolve

from tools.import_graph import CONSULTATIONS, PAGES, levels

PROJECT = Path(__file__).parents[1]
DOCS = [
    *(PROJECT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((PROJECT / "docs").rglob("*.md")),
]
FOLDERS = (
    *("pages", "consultations", "practice_site", "templates", "static", "tests", "tools"),
    *("bin", "deploy", "docs", "requirements", ".ci"),
)
CODE_SUFFIXES = {"", ".py", ".html", ".txt", ".css", ".js", ".toml", ".yaml", ".example", ".in"}
# Names that the docs mention and the project does not contain.
FOREIGN_NAMES = {
    "CrossOriginProtection",  # Go
    "_dmarc",  # DNS
    "buffer_requests",  # Caddy
    "shown_pronouns",  # the example of a recipe
}
FOREIGN_PATHS = {
    *("var", "var/mail"),  # created by `make demo`
    *("README.txt", "authors.json", "site.json"),  # in an export, or made by its reader
    "times",  # a room of booking that no longer exists
    "172.30.71.0/24",
}
FOREIGN_URLS = {
    *("/about-2/", "/2024/03/title/", "/title/"),  # of a WordPress site
    *("/etc/caddy/Caddyfile", "/media/", "//host"),
}

PATH = re.compile(
    r"[\w.<>-]+(?:/[\w.<>*-]*)+|[a-z][\w-]*\.(?:py|html|css|js|toml|json|md|txt|yaml)"
)
SYMBOL = r"(?:def|class|function|const|let) {0}\b|^\s*{0}\b[^=\n]*="


def doc_id(path: Path) -> str:
    return str(path.relative_to(PROJECT))


def code_spans(doc: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", doc.read_text(encoding="utf-8"), flags=re.M | re.S)
    # A span may be broken over two lines.
    return [" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text)]


@cache
def project_paths() -> frozenset[str]:
    """Return all files and folders, with a slash in front."""
    below = (path for folder in FOLDERS for path in (PROJECT / folder).rglob("*"))
    paths = {doc_id(path) for path in below if "__pycache__" not in path.parts} | set(FOLDERS)
    return frozenset(f"/{path}" for path in paths | {path.name for path in PROJECT.iterdir()})


@cache
def code_words() -> frozenset[str]:
    """Return every word of the code, without migrations and this file."""
    words: set[str] = set()
    for name in project_paths():
        path = PROJECT / name[1:]
        if name.startswith("/docs/") or "/migrations/" in name or path == Path(__file__):
            continue
        if path.is_file() and path.suffix in CODE_SUFFIXES:
            words.update(re.findall(r"\w+", path.read_text(encoding="utf-8", errors="replace")))
    return frozenset(words)


def find_paths(name: str) -> list[Path]:
    """Return the files and folders whose path ends in ``name``; ``<anything>`` is a wildcard."""
    pattern = re.escape("/" + name.rstrip("/")).replace(r"\*", "[^/]*")
    ending = re.compile(re.sub(r"<[^>]*>", "[^/]+", pattern) + "$")
    return [PROJECT / path[1:] for path in project_paths() if ending.search(path)]


def missing_path(span: str) -> str:
    """Return what is wrong with a span such as ``a/b.py:name``, or "" if it exists or is none."""
    name, _, symbol = span.replace("::", ":").partition(":")
    if not PATH.fullmatch(name) or name.rstrip("/") in FOREIGN_PATHS:
        return ""
    if name.startswith("DATA_DIR/") or "<str:" in span or re.fullmatch(r"[A-Z]\w+\.html", name):
        return ""
    found = find_paths(name)
    if not found:
        return f"{span}: no such path"
    sources = [path.read_text(encoding="utf-8") for path in found if symbol and path.is_file()]
    for part in symbol.split(".") if symbol else []:
        if not any(re.search(SYMBOL.format(part), source, re.M) for source in sources):
            return f"{span}: no {part} in it"
    return ""


def heading_anchors(doc: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", doc.read_text(encoding="utf-8"), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("doc", DOCS, ids=doc_id)
def test_links_lead_somewhere(doc):
    text = doc.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)\s]+)\)", text) + re.findall(r'src="([^"]+)"', text)
    for target in targets:
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (doc.parent / name).resolve() if name else doc
        assert file.exists(), target
        assert not anchor or anchor in heading_anchors(file), target


@pytest.mark.parametrize("doc", DOCS, ids=doc_id)
def test_named_paths_exist(doc):
    assert [wrong for span in code_spans(doc) if (wrong := missing_path(span))] == []


def test_wrong_paths_are_found():
    assert missing_path("booking/states.py:Status") == ""
    assert missing_path("templates/emails/<message>/") == ""
    assert missing_path("booking/estates.py") == "booking/estates.py: no such path"
    assert missing_path("booking/states.py:Stat") == "booking/states.py:Stat: no Stat in it"


@pytest.mark.parametrize("doc", DOCS, ids=doc_id)
def test_named_symbols_and_settings_exist(doc):
    names = {
        part
        for span in code_spans(doc)
        if re.fullmatch(r"\w+(?:\.\w+)*(?:\(\))?|[A-Z_]+=\S*", span) and not PATH.fullmatch(span)
        # privacy.md names columns, some of tables without a class; test_data_map.py checks them.
        if doc.name != "privacy.md" or "." not in span
        for part in re.findall(r"\w+", span.partition("=")[0])
    }
    assert sorted(names - code_words() - FOREIGN_NAMES - FOREIGN_PATHS) == []


@pytest.mark.parametrize("doc", DOCS, ids=doc_id)
def test_named_commands_exist(doc):
    text = doc.read_text(encoding="utf-8")
    makefile = (PROJECT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.M))
    assert set(re.findall(r"(?:`|^    )make ([a-z][a-z-]+)", text, re.M)) - targets == set()
    commands = {**get_commands(), "commands": ""}  # "manage.py commands", in a sentence
    for name, options in re.findall(r"manage\.py ([a-z_]+)([^`\n]*)", text):
        assert name in commands, name
        app = str(commands[name])
        if app == "consultations":
            code = Path(load_command_class(app, name).__module__.replace(".", "/") + ".py")
            source = (PROJECT / code).read_text(encoding="utf-8")
            for option in re.findall(r"--[a-z][a-z-]*", options):
                assert f'"{option}"' in source, f"{name} {option}"


@pytest.mark.parametrize("doc", DOCS, ids=doc_id)
def test_named_urls_exist(doc):
    namespaces = get_resolver().namespace_dict
    for span in code_spans(doc):
        if re.fullmatch(r"/[\w<>/.-]+", span) and span not in FOREIGN_URLS:
            url = re.sub(r"<ADMIN_PATH>", "admin", span)
            try:
                match = resolve(re.sub(r"<[^>]*>", "a" * 24, url))
            except Resolver404:
                pytest.fail(f"{span} is no URL")
            # The pattern of free pages matches nearly everything.
            assert match.url_name != "free_page", span
        namespace, _, name = span.partition(":")
        if namespace in namespaces and re.fullmatch(r"\w+", name):
            assert name in namespaces[namespace][1].reverse_dict, span


def test_tree_in_architecture_exists():
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^## The tree$.*?^```\n(.*?)^```", text, re.M | re.S)
    parents: list[str] = []
    for line in block.splitlines():
        depth, rest = (len(line) - len(line.lstrip())) // 2, line.strip()
        if depth > 3:  # an explanation that continues
            continue
        for cell in re.split(r" {2,}", rest):
            names = cell.split(", ")
            if not all(re.fullmatch(r"[\w.]+/|\w+\.\w+", name) for name in names):
                break
            for name in names:
                parents[depth:] = [name]
                assert (PROJECT / "".join(parents)).exists(), "".join(parents)


def test_import_order_in_architecture_is_the_enforced_one():
    text = (PROJECT / "docs" / "architecture.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"^```\n(consultations +pages\n.*?)^```", text, re.M | re.S)
    header, *lines = block.splitlines()
    middle = header.index("pages")
    for layers, column in (
        (CONSULTATIONS, [line[:middle] for line in lines]),
        (PAGES, [line[middle:] for line in lines]),
    ):
        level = levels(layers)
        names = re.findall(r"\w+", " ".join(column))
        assert set(names) == set(level) - {"apps"}
        assert [level[name] for name in names] == sorted(level[name] for name in names)


def test_docs_list_every_environment_variable():
    source = (PROJECT / "practice_site" / "settings.py").read_text(encoding="utf-8")
    names = set(re.findall(r"env\.read_\w+\(\s*\"([A-Z_]+)\"", source))
    assert len(names) > 15
    # Operations describes all but the retention periods, and refers to the privacy page for them.
    docs = [(PROJECT / "docs" / name).read_text() for name in ("operations.md", "privacy.md")]
    assert names - set(re.findall(r"`([A-Z_]+)`", "".join(docs))) == set()
