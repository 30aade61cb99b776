"""Every module can be imported, also one that no other imports: asked of each Python in CI."""

import importlib
import pkgutil

import consultations
import pages
import practice_site

# Settings and what reads its configuration when it is imported, as gunicorn does.
STARTED = {"practice_site.gunicorn_conf", "practice_site.wsgi", "practice_site.settings"}


def test_every_module_can_be_imported() -> None:
    names = [
        found.name
        for package in (consultations, pages, practice_site)
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if found.name not in STARTED
    ]
    assert len(names) > 100
    assert [name for name in names if importlib.import_module(name).__name__ != name] == []
