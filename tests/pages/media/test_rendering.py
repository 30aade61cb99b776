"""Tests for rendering pictures in text."""

import re

import pytest

from pages.media import workflow
from pages.media.models import Focus
from pages.media.rendering import (
    COVER_SIZES,
    add_img_sources,
    find_picture_ids,
    picture_markup,
    render_pictures,
)
from tests.factories.pictures import gradient_image, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def make_figure_html(uuid: object, alt: str = "A river", rest: str = "") -> str:
    return f'<figure><img data-file="{uuid}" alt="{alt}">{rest}</figure>'


def test_pending_picture_renders_single_jpeg() -> None:
    picture = make_picture(gradient_image(2000, 1000))
    html = render_pictures(f"<p>a</p>{make_figure_html(picture.pk)}<p>b</p>")
    assert html == (
        f'<p>a</p><figure><img src="/media/{picture.pk.hex}/800.jpg" width="2000" height="1000" '
        'alt="A river" loading="lazy" decoding="async"></figure><p>b</p>'
    )


def test_ready_picture_renders_all_sizes_and_formats() -> None:
    picture = make_picture(gradient_image(1000, 500))
    workflow.make_variants(picture)
    html = render_pictures(make_figure_html(picture.pk))
    assert re.findall(r'type="image/(\w+)"', html) == ["avif", "webp"]
    for ending in ("avif", "webp", "jpg"):
        stem = f"/media/{picture.pk.hex}"
        assert f'srcset="{stem}/400.{ending} 400w, {stem}/800.{ending} 800w, ' in html
    assert html.count("sizes=") == 3
    assert 'width="1000" height="500"' in html


def test_consecutive_pictures_form_gallery() -> None:
    picture = make_picture(gradient_image(1000, 500))
    workflow.make_variants(picture)
    figure = make_figure_html(picture.pk)
    html = render_pictures(f"<p>a</p>{figure}{figure}\n{figure}<p>b</p>{figure}{figure}")
    before, row, after = re.split(r'<div class="gallery">|</div>', html)
    assert (before.count("<img"), row.count("<img"), after.count("<img")) == (0, 3, 2)
    assert "13rem" in row
    assert "13rem" not in after
    assert after.startswith("<p>b</p><figure>")


def test_local_alt_overrides_library_alt_and_is_escaped() -> None:
    picture = make_picture(alt='From the "library"')
    assert 'alt="Here &lt;b&gt;"' in render_pictures(make_figure_html(picture.pk, "Here &lt;b&gt;"))
    assert 'alt=""' in render_pictures(make_figure_html(picture.pk, ""))
    bare = f'<figure><img data-file="{picture.pk}"></figure>'
    assert 'alt="From the &quot;library&quot;"' in render_pictures(bare)


def test_credit_is_added_to_caption() -> None:
    picture = make_picture(credit="Photo: <Ada>")
    html = render_pictures(
        make_figure_html(picture.pk, rest="<figcaption>By the river</figcaption>")
    )
    assert (
        '<figcaption>By the river · <small class="credit">Photo: &lt;Ada&gt;</small></fig' in html
    )
    assert '<figcaption><small class="credit">' in render_pictures(make_figure_html(picture.pk))


def test_deleted_picture_removes_its_figure() -> None:
    picture = make_picture()
    gone = "0b0fe3c5-0000-4000-8000-000000000000"
    for bad in (gone, "not-a-uuid-not-a-uuid-not-a-uuid", ""):
        html = f"<p>a</p>{make_figure_html(bad, rest='<figcaption>b</figcaption>')}{make_figure_html(picture.pk)}"  # noqa: E501
        assert render_pictures(html).startswith("<p>a</p><figure><img src=")
    foreign = '<p><img src="https://elsewhere.example.com/x.png" alt=""></p>'
    assert render_pictures(foreign) == "<p></p>"


def test_rendering_uses_one_query_or_none(django_assert_num_queries) -> None:
    pictures = [make_picture() for _ in range(3)]
    text = "".join(make_figure_html(picture.pk) for picture in pictures)
    with django_assert_num_queries(1):
        assert render_pictures(text).count("<img src") == 3
    with django_assert_num_queries(0):
        assert render_pictures("<p>words</p>") == "<p>words</p>"
    assert find_picture_ids(text, text) == [picture.pk for picture in pictures]


def test_editor_html_gets_picture_src() -> None:
    picture = make_picture()
    html = add_img_sources(make_figure_html(picture.pk))
    assert f'<img src="{picture.first_url}" data-file="{picture.pk}"' in html
    assert add_img_sources(html) == html


def test_first_picture_is_eager_and_keeps_focus() -> None:
    picture = make_picture()
    picture.focus = Focus.TOP_LEFT
    html = picture_markup(picture, sizes=COVER_SIZES, fetch="first")
    assert "lazy" not in html
    assert 'fetchpriority="high"' in html
    assert 'class="focus-top-left"' in html
