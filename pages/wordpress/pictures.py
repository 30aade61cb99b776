"""Find pictures of the former site by ID or URL and import each into the media library once."""

import hashlib
import io
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit
from uuid import NAMESPACE_URL, uuid5

from django.contrib.auth.models import User

from pages.media.models import Picture
from pages.media.workflow import InvalidPicture, store_picture
from pages.wordpress.html.context import Attachment
from pages.wordpress.models import ImportedKind, ImportLedger
from pages.wordpress.report import IMPORTED, LEFT_OUT, SAME, ImportReport, ReportLine
from pages.wordpress.survey import Survey, bare_host

UPLOADS_RE = re.compile(r"/wp-content/(?:blogs\.dir/\d+/files|uploads(?:/sites/\d+)?)/(.+)", re.I)
# WordPress stores resized copies of a picture: name-300x200.jpg, name-scaled.jpg.
SIZE_SUFFIX_RE = re.compile(r"-(?:\d{2,5}x\d{2,5}|scaled|rotated)(?=\.\w{3,5}$)")
PICTURE_FILE_RE = re.compile(r"\.(?:jpe?g|jpe|png|gif|webp|avif|heic|bmp|tiff?)$", re.I)

# Takes a path under the uploads folder and a URL; returns the file's bytes, or None if missing.
FileSource = Callable[[str, str], bytes | None]


class FileMissing(Exception):
    """A file could not be fetched; the message is a full sentence, or empty."""


@dataclass
class PictureImporter:
    """Import the pictures that texts use; each file is stored at most once."""

    survey: Survey
    ledger: ImportLedger
    report: ImportReport
    file_source: FileSource | None = None
    by: User | None = None
    _keys: dict[str, str] = field(default_factory=dict)
    _by_path: dict[str, Attachment] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for attachment in self.survey.attachments.values():
            if path := uploads_path(attachment.url):
                self._by_path.setdefault(path.lower(), attachment)

    def key(self, url: str, number: int) -> str:
        """Return the key of the picture here; "" if it is missing and cannot be fetched."""
        attachment = self._attachment(url, number)
        address = attachment.url if attachment else url
        path = uploads_path(address)
        if not path or not self._is_from_former_site(address):
            return ""
        if path not in self._keys:
            self._keys[path] = self._import_file(path, address, attachment)
            if not self._keys[path] and address != url and self._is_from_former_site(url):
                # The original is missing; try the resized copy that the text uses.
                self._keys[path] = self._import_file(uploads_path(url), url, attachment)
        return self._keys[path]

    def row(self, key: str) -> Picture | None:
        """Return the picture for a cover; None in a dry run, where it may not be stored yet."""
        return Picture.objects.filter(pk=key).first()

    def import_unused(self) -> None:
        """Import the media library pictures that no text uses."""
        for number, attachment in self.survey.attachments.items():
            if PICTURE_FILE_RE.search(urlsplit(attachment.url).path):
                self.key(attachment.url, number)
            elif attachment.url:
                self.report.add(
                    ReportLine(
                        LEFT_OUT,
                        "file",
                        str(number),
                        attachment.title,
                        notes=(("no_picture", attachment.url),),
                    )
                )

    def _attachment(self, url: str, number: int) -> Attachment | None:
        path = uploads_path(url).lower()
        attachment = self._by_path.get(path) or self._by_path.get(SIZE_SUFFIX_RE.sub("", path))
        if attachment is None and (by_number := self.survey.attachments.get(number)):
            # Text copied from another site carries that site's attachment IDs.
            same = not path or picture_stem(path) in picture_stem(
                uploads_path(by_number.url).lower()
            )
            attachment = by_number if same or not self._is_from_former_site(url) else None
        return attachment

    def _is_from_former_site(self, address: str) -> bool:
        """Return whether the URL is on a host of the former site; no other host is contacted."""
        host = bare_host(address)
        if not host or host in self.survey.own_hosts:
            return True
        return any(bare_host(file.url) == host for file in self.survey.attachments.values())

    def _import_file(self, path: str, address: str, attachment: Attachment | None) -> str:
        before = self.ledger.find(ImportedKind.PICTURE, path)
        if before is not None:
            is_here = Picture.objects.filter(pk=before.object_key).exists()
            self.report.add(
                ReportLine(SAME if is_here else LEFT_OUT, ImportedKind.PICTURE, "", path)
            )
            return before.object_key if is_here else ""
        if self.file_source is None:
            return ""
        number, title = (str(attachment.id), attachment.title) if attachment else ("", "")
        try:
            data = self.file_source(path, address)
            if data is None:
                raise FileMissing
            key = self._store(data, path, attachment)
        except (FileMissing, InvalidPicture) as fault:
            notes = ((("file_missing" if not str(fault) else "refused"), str(fault) or path),)
            self.report.add(
                ReportLine(LEFT_OUT, ImportedKind.PICTURE, number, title or path, notes=notes)
            )
            return ""
        self.report.add(ReportLine(IMPORTED, ImportedKind.PICTURE, number, title or path))
        return key

    def _store(self, data: bytes, path: str, attachment: Attachment | None) -> str:
        if not self.ledger.writes:
            return str(uuid5(NAMESPACE_URL, path))
        duplicate = Picture.objects.filter(digest=hashlib.sha256(data).hexdigest()).first()
        if duplicate is not None:
            # The picture may also come from an import that stopped before it could record it.
            self.ledger.remember(ImportedKind.PICTURE, path, duplicate.pk)
            return str(duplicate.pk)
        alt = attachment.alt if attachment else ""
        file = io.BytesIO(data)
        file.name = Path(path).name
        picture = store_picture(
            file,
            alt=alt,
            is_decorative=not alt,
            caption=attachment.caption if attachment else "",
            name=attachment.title if attachment else "",
            by=self.by,
            now=self.ledger.now,
        )
        self.ledger.remember(ImportedKind.PICTURE, path, picture.pk)
        return str(picture.pk)


def uploads_path(address: str) -> str:
    """Return the path under the uploads folder, such as `2024/03/tree.jpg`, or "".

    Also handles WordPress.com URLs, which omit the folder.
    """
    try:
        parts = urlsplit(address)
    except ValueError:
        return ""
    path = unquote(parts.path)
    if match := UPLOADS_RE.search(path):
        return safe_upload_path(match[1])
    is_hosted = parts.netloc.endswith(".files.wordpress.com")
    return safe_upload_path(path) if is_hosted else ""


def safe_upload_path(path: str) -> str:
    """Normalize a path under the uploads folder; return "" if it could escape the folder."""
    names = [name for name in path.replace("\\", "/").split("/") if name not in ("", ".")]
    if ".." in names or "\0" in path or len(path) > 240:
        return ""
    return "/".join(names)


def picture_stem(path: str) -> str:
    """Return the file name without extension and size suffix."""
    return SIZE_SUFFIX_RE.sub("", path).rsplit("/", 1)[-1].rsplit(".", 1)[0]


def folder_source(folder: Path) -> FileSource:
    """Return a source that reads from a local folder.

    The folder is `wp-content/uploads`, a folder that contains it, or a copy of it.
    """
    starts = [folder / "wp-content" / "uploads", folder / "uploads", folder]
    root = next(start for start in starts if start.is_dir())

    def read_file(path: str, _address: str) -> bytes | None:
        for name in (path, SIZE_SUFFIX_RE.sub("", path)):
            file = (root / name).resolve()
            if file.is_relative_to(root.resolve()) and file.is_file():
                return file.read_bytes()
        return None

    return read_file
