"""WordPress' shortcodes, and those of common plugins, as plain HTML. Pure."""

import re
from collections.abc import Callable
from html import escape

from pages.wordpress.html import builders, links
from pages.wordpress.html.brackets import Shortcode, expand
from pages.wordpress.html.surroundings import Surroundings
from pages.wordpress.wxr import guards
from pages.wordpress.wxr.records import Notes

CODE = frozenset({
    "code", "sourcecode", "source", "crayon", "php", "python", "html", "css", "javascript", "js",
    "bash", "sql", "xml", "raw",
})  # fmt: skip
FORMULAS = frozenset({"latex", "tex", "math"})
# What they point to becomes a link: their players came from other hosts.
PLAYERS = frozenset({
    "audio", "video", "embed", "youtube", "vimeo", "soundcloud", "wpvideo", "videopress", "tweet",
    "twitter", "instagram", "facebook", "dailymotion", "ted", "spotify", "googlemaps", "slideshare",
    "wistia", "flickr", "tiktok", "podcast", "powerpress", "youtube_sc", "su_youtube", "su_vimeo",
    "su_video", "su_audio", "iframe", "googledoc", "kickstarter", "loom", "bandcamp", "mixcloud",
})  # fmt: skip
ADDRESSES = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "ted": "https://www.ted.com/talks/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "wpvideo": "https://videopress.com/v/{}",
    "videopress": "https://videopress.com/v/{}",
    "tweet": "https://twitter.com/i/status/{}",
}
FILES = ("src", "mp3", "m4a", "ogg", "wav", "mp4", "m4v", "webm", "ogv", "url", "link", "id")
# Forms, sliders, shops and lists, which this site has its own of or does not need.
LEFT_OUT = re.compile(
    r"contact[-_]form|contact-form-7|wpforms|gravityform|ninja_form|formidable|caldera_form|"
    r"mc4wp|mailpoet|newsletter|sibwp|forminator|fluentform|happyforms|everest_form|jotform|"
    r"rev_slider|rev-slider|metaslider|smartslider|layerslider|soliloquy|envira|ngg|nggallery|"
    r"elementor-template|playlist|products?|product_page|add_to_cart|woocommerce|recent_products|"
    r"featured_products|sitemap|wp_sitemap|recent[-_]posts|display-posts|archives|loop|searchform|"
    r"search|login|register|loginform|bookly|amelia|booked|ssa_booking|calendly|simplybook|"
    r"testimonials?|social|share|addtoany|sharethis|toc|ez-toc|table|tablepress|google[-_]maps?|"
    r"map|wpgmza|instagram-feed|custom-facebook-feed|ad|ads|adrotate|quads|"
    r"donate|paypal|accept_stripe|give_form|mepr|edd|polls?|ratings?|wpdiscuz|pdf|pdf-embedder"
)
PROSE = re.compile(r"[a-z]+")


def plain(text: str, around: Surroundings, notes: Notes) -> str:
    """The text with every shortcode replaced; what is prose in brackets stays."""
    if "[" not in text:
        return text
    return expand(text, lambda code: _rendered(code, around, notes))


def _rendered(code: Shortcode, around: Surroundings, notes: Notes) -> str:
    name = code.name.replace("-", "_")
    if name in guards.SHORTCODES and code.inner is not None:
        notes.add("guarded", f"[{code.name}]")
        return ""
    if code.name in CODE and code.inner is not None:
        return f"<pre><code>{escape(_unescaped(code.inner).strip(), quote=False)}</code></pre>"
    if code.name in FORMULAS and code.inner is not None:
        return f"<code>{escape(_unescaped(code.inner).strip(), quote=False)}</code>"
    if handler := HANDLERS.get(code.name):
        return handler(code, around)
    if code.name in PLAYERS and (found := _player(code)):
        return found
    if builders.knows(code):
        notes.add("builder", builders.family(code.name))
        return builders.rendered(code, around, notes)
    return _unknown(code, notes)


def _unknown(code: Shortcode, notes: Notes) -> str:
    if LEFT_OUT.fullmatch(code.name) and (code.attributes or code.inner is None):
        notes.add("shortcode_removed", f"[{code.name}]")
        return code.inner or ""
    if code.inner is not None:
        notes.add("shortcode_unwrapped", f"[{code.name}]")
        return code.inner
    if code.attributes or "_" in code.name or any(char.isdigit() for char in code.name):
        notes.add("shortcode_removed", f"[{code.name}]")
        return ""
    # "[sic]" or "[my sister]": brackets of a writer.
    if not code.values and not PROSE.fullmatch(code.name):
        notes.add("shortcode_kept", f"[{code.name}]")
    return code.raw


def _caption(code: Shortcode, _around: Surroundings) -> str:
    inner = code.inner or ""
    image = re.search(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inner)
    words = code.get("caption") or (inner[image.end() :].strip() if image else "")
    if image is None:
        return inner
    below = f"<figcaption>{words}</figcaption>" if words else ""
    return f"\n\n<figure>{image[0]}{below}</figure>\n\n"


def _gallery(code: Shortcode, around: Surroundings) -> str:
    written = code.get("ids", "include", "images", "image_ids", "gallery_ids")
    numbers = [int(one) for one in re.findall(r"\d{1,18}", written)] or list(around.own_pictures)
    without = {int(one) for one in re.findall(r"\d{1,18}", code.get("exclude"))}
    return figures([number for number in numbers if number not in without], around)


def figures(numbers: list[int], around: Surroundings) -> str:
    parts = []
    for number in dict.fromkeys(numbers):
        if picture := around.attachments.get(number):
            below = f"<figcaption>{picture.caption}</figcaption>" if picture.caption else ""
            parts.append(
                f'<figure><img src="{escape(picture.url)}" class="wp-image-{number}" '
                f'alt="{escape(picture.alt)}">{below}</figure>'
            )
    return "\n\n" + "\n".join(parts) + "\n\n"


def _player(code: Shortcode) -> str:
    """`[youtube=https://...]`, `[video mp4="..."]`, `[embed]https://...[/embed]`."""
    said = code.get(*FILES) or (code.inner or "").strip() or next(iter(code.values), "")
    address = re.sub(r"<[^>]*>", "", said).strip()
    if not address.startswith(("http://", "https://", "/")):
        pattern = ADDRESSES.get(code.name, "")
        if not pattern or not re.fullmatch(r"[\w-]{3,40}", address):
            return ""
        address = pattern.format(address)
    return f"\n\n<p>{links.plain_link(address)}</p>\n\n"


def _unescaped(inner: str) -> str:
    """Editors escape what stands inside of such a shortcode; once more would show the escapes."""
    inner = re.sub(r"<br\s*/?>|</?p>", "\n" if "\n" not in inner else "", inner)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        inner = inner.replace(entity, char)
    return inner


HANDLERS: dict[str, Callable[[Shortcode, Surroundings], str]] = {
    "caption": _caption,
    "wp_caption": _caption,
    "gallery": _gallery,
    "justified_image_grid": _gallery,
}
