"""collectstatic joins the imports of site.css into one hashed file."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib import admin
from django.core.management import call_command
from django.templatetags.static import static

from practice_site.storage import join_imports
from tests.design.stylesheets import CSS_DIR


def test_css_import_becomes_inline_layer() -> None:
    entry = '@layer a;\n@import url("one.css") layer(a);\n@import url("two.css") layer(b) print;\n'
    sources = {"one.css": "p { margin: 0; } /* why */", "two.css": "a { color: black; }"}
    assert join_imports(entry, sources) == (
        "@layer a;@layer a{p{margin:0}}@media print{@layer b{a{color:black}}}\n"
    )


@pytest.fixture
def collected_static_dir(settings, tmp_path: Path) -> Path:
    settings.STATIC_ROOT = str(tmp_path)
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "practice_site.storage.JoinedStaticFilesStorage"},
    }
    # Both finders: the desk's stylesheets import those of Django's admin.
    settings.STATICFILES_FINDERS = [
        "django.contrib.staticfiles.finders.FileSystemFinder",
        "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    ]
    call_command("collectstatic", interactive=False, verbosity=0)
    return tmp_path


def test_collected_stylesheet_is_joined_and_hashed(collected_static_dir: Path) -> None:
    address = static("css/site.css")
    assert re.search(r"/css/site\.[0-9a-f]{12}\.css$", address)
    sheet = (collected_static_dir / "css" / Path(address).name).read_text()
    assert "@import" not in sheet
    assert "@layer tokens{" in sheet
    assert ".crisis-box" in sheet


def test_fonts_in_joined_stylesheet_exist(collected_static_dir: Path) -> None:
    sheet = collected_static_dir / "css" / Path(static("css/site.css")).name
    addresses = re.findall(r'url\("([^"]+)"\)', sheet.read_text())
    assert len(addresses) == 5
    assert all((sheet.parent / address).resolve().is_file() for address in addresses)
    assert all(re.search(r"\.[0-9a-f]{12}\.woff2$", address) for address in addresses)


def test_every_file_named_in_a_template_or_form_has_a_hashed_copy(collected_static_dir) -> None:
    addresses = {
        static(name)
        for template in (settings.BASE_DIR / "templates").rglob("*.html")
        for name in re.findall(r"""{% static ["']([^"']+)["']""", template.read_text())
    }
    for model_admin in admin.site._registry.values():
        addresses |= set(re.findall(r'(?:href|src)="([^"]+)"', str(model_admin.media)))
    assert len(addresses) > 30
    for address in addresses:
        assert re.search(r"\.[0-9a-f]{12}\.", address), address


def test_changed_part_changes_stylesheet_hash(
    collected_static_dir: Path, settings, tmp_path_factory
) -> None:
    first = static("css/site.css")
    changed = tmp_path_factory.mktemp("static") / "css"
    changed.mkdir()
    for path in CSS_DIR.rglob("*.css"):
        copy = changed / path.relative_to(CSS_DIR)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(path.read_text() + ("\nb { margin: 0; }" if path.stem == "base" else ""))
    settings.STATICFILES_DIRS = [changed.parent, settings.BASE_DIR / "static"]
    call_command("collectstatic", interactive=False, verbosity=0)
    assert static("css/site.css") != first
