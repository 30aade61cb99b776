"""Join the stylesheets into one file at collectstatic; WhiteNoise hashes and compresses it."""

import re
from collections.abc import Iterator

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from whitenoise.storage import CompressedManifestStaticFilesStorage

ENTRY_STYLESHEET = "css/site.css"
STYLESHEET_DIR = "css/"
CollectedPaths = dict[str, tuple[Storage, str]]
IMPORT_PATTERN = re.compile(
    r'@import url\("(?P<path>[^"]+)"\) layer\((?P<layer>\w+)\)(?: (?P<media>\w+))?;'
)
COMMENT_PATTERN = re.compile(r"/\*.*?\*/", re.DOTALL)
# Spaces that no rule needs: around these marks, and after the name of a property. None of our
# stylesheets has such a mark inside a string.
AROUND_MARK_PATTERN = re.compile(r"\s*([{};,])\s*")
AFTER_NAME_PATTERN = re.compile(r"(?<=[{;])([\w-]+):\s+")


def join_imports(entry: str, sources: dict[str, str]) -> str:
    """Replace every import in the entry stylesheet by the imported text, in its layer and media."""

    def inline(match: re.Match[str]) -> str:
        rules = f"@layer {match['layer']} {{\n{sources[match['path']]}\n}}"
        return f"@media {match['media']} {{\n{rules}\n}}" if match["media"] else rules

    without_comments = COMMENT_PATTERN.sub("", IMPORT_PATTERN.sub(inline, entry))
    tight = AROUND_MARK_PATTERN.sub(r"\1", without_comments)
    return AFTER_NAME_PATTERN.sub(r"\1:", tight).replace(";}", "}").strip() + "\n"


class JoinedStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Static files storage that serves one joined stylesheet."""

    def post_process(
        self, paths: CollectedPaths, dry_run: bool = False, **options: object
    ) -> Iterator[tuple[str, str, bool]]:
        if not dry_run and ENTRY_STYLESHEET in paths:
            paths = self._join(paths)
        yield from super().post_process(paths, dry_run, **options)

    def _join(self, paths: CollectedPaths) -> CollectedPaths:
        """Write the joined stylesheet over the collected one.

        Its parts stay files of their own: the staff's page for writing uses two of them.
        """
        entry = _read_file(paths[ENTRY_STYLESHEET])
        names = [match["path"] for match in IMPORT_PATTERN.finditer(entry)]
        sources = {name: _read_file(paths[STYLESHEET_DIR + name]) for name in names}
        self.delete(ENTRY_STYLESHEET)
        self._save(ENTRY_STYLESHEET, ContentFile(join_imports(entry, sources)))
        return {**paths, ENTRY_STYLESHEET: (self, ENTRY_STYLESHEET)}


def _read_file(file: tuple[Storage, str]) -> str:
    storage, path = file
    with storage.open(path) as opened:
        return opened.read().decode()
