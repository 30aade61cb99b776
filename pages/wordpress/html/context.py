"""What the HTML conversion needs to look up: pictures, links, attachments and shared blocks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Attachment:
    """A file of the former site's media library."""

    id: int
    url: str
    alt: str = ""
    caption: str = ""
    title: str = ""
    parent: int = 0
    is_public: bool = True


def no_picture(_url: str, _number: int) -> str:
    return ""


def unchanged_link(href: str) -> str:
    return href


@dataclass(frozen=True)
class ConversionContext:
    """Lookups for converting the content of one item."""

    # Returns the key of our picture for a URL or attachment ID; "" if there is none.
    picture: Callable[[str, int], str] = no_picture
    link: Callable[[str], str] = unchanged_link
    attachments: Mapping[int, Attachment] = field(default_factory=dict)
    # Pictures uploaded to this post, for a gallery that lists none.
    own_pictures: Sequence[int] = ()
    shared_blocks: Mapping[int, str] = field(default_factory=dict)
    footnotes: str = ""
