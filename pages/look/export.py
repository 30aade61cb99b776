"""What an export of the site holds of its look."""

from pages.look.models import Look, LookFile


def look_data(look: Look) -> dict[str, object]:
    """Return the choices as JSON-serializable values."""
    return {
        "accent": look.accent,
        "paper": look.paper,
        "corners": look.corners,
        "type": look.type_pair,
        "header": look.header_shows,
        "words_on_the_button": look.call_words,
        "logo": f"look/{look.logo_id}" if look.logo_id else None,
        "dark_logo": f"look/{look.dark_logo_id}" if look.dark_logo_id else None,
        "home_scene": look.home_scene or None,
        "home_picture": str(look.home_picture_id) if look.home_picture_id else None,
        "home_sections": [
            {"section": section.key, "is_shown": section.is_shown, "title": section.title}
            for section in look.sections
        ],
    }


def look_files(look: Look) -> dict[str, bytes]:
    """Return the stylesheet, the logos and the icons by file name; nothing of the default look."""
    files = {"look.css": look.stylesheet.text.encode()} if look.stylesheet else {}
    names = {look.logo_id, look.dark_logo_id, look.small_icon_id, look.touch_icon_id}
    for file in LookFile.objects.filter(name__in=names - {None}):
        files[file.name] = bytes(file.content)
    return files
