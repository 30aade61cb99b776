"""What a text refers to and the conversion has to ask for: pictures, links, shared blocks."""

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
    # The key of our picture for an address or number there; "" when we have none.
    picture: Callable[[str, int], str] = no_picture
    link: Callable[[str], str] = unchanged_link
    attachments: Mapping[int, Attachment] = field(default_factory=dict)
    # Pictures that were uploaded to this very post, for a gallery that names none.
    own_pictures: Sequence[int] = ()
    shared_blocks: Mapping[int, str] = field(default_factory=dict)
    footnotes: str = ""
