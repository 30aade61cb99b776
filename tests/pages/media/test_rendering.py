import re

import pytest

from pages.media import workflow
from pages.media.models import Focus
from pages.media.rendering import COVER, markup, picture_ids, with_pictures, with_sources
from tests.factories.pictures import gradient, make_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def figure(uuid: object, alt: str = "A river", rest: str = "") -> str:
    return f'<figure><img data-file="{uuid}" alt="{alt}">{rest}</figure>'


def test_until_the_worker_came_one_jpeg_is_served() -> None:
    picture = make_picture(gradient(2000, 1000))
    html = with_pictures(f"<p>a</p>{figure(picture.pk)}<p>b</p>")
    assert html == (
        f'<p>a</p><figure><img src="/media/{picture.pk.hex}/800.jpg" width="2000" height="1000" '
        'alt="A river" loading="lazy" decoding="async"></figure><p>b</p>'
    )


def test_then_every_size_in_three_formats() -> None:
    picture = make_picture(gradient(1000, 500))
    workflow.make_variants(picture)
    html = with_pictures(figure(picture.pk))
    assert re.findall(r'type="image/(\w+)"', html) == ["avif", "webp"]
    for ending in ("avif", "webp", "jpg"):
        stem = f"/media/{picture.pk.hex}"
        assert f'srcset="{stem}/400.{ending} 400w, {stem}/800.{ending} 800w, ' in html
    assert html.count("sizes=") == 3
    assert 'width="1000" height="500"' in html


def test_pictures_one_after_another_stand_in_rows() -> None:
    picture = make_picture(gradient(1000, 500))
    workflow.make_variants(picture)
    one = figure(picture.pk)
    html = with_pictures(f"<p>a</p>{one}{one}\n{one}<p>b</p>{one}{one}")
    before, row, after = re.split(r'<div class="gallery">|</div>', html)
    assert (before.count("<img"), row.count("<img"), after.count("<img")) == (0, 3, 2)
    assert "13rem" in row
    assert "13rem" not in after
    assert after.startswith("<p>b</p><figure>")


def test_the_words_of_the_place_come_first_and_are_escaped() -> None:
    picture = make_picture(alt='From the "library"')
    assert 'alt="Here &lt;b&gt;"' in with_pictures(figure(picture.pk, "Here &lt;b&gt;"))
    assert 'alt=""' in with_pictures(figure(picture.pk, ""))
    bare = f'<figure><img data-file="{picture.pk}"></figure>'
    assert 'alt="From the &quot;library&quot;"' in with_pictures(bare)


def test_a_credit_stands_with_the_caption() -> None:
    picture = make_picture(credit="Photo: <Ada>")
    html = with_pictures(figure(picture.pk, rest="<figcaption>By the river</figcaption>"))
    assert (
        '<figcaption>By the river · <small class="credit">Photo: &lt;Ada&gt;</small></fig' in html
    )
    assert '<figcaption><small class="credit">' in with_pictures(figure(picture.pk))


def test_a_picture_that_is_gone_leaves_no_hole() -> None:
    picture = make_picture()
    gone = "0b0fe3c5-0000-4000-8000-000000000000"
    for bad in (gone, "not-a-uuid-not-a-uuid-not-a-uuid", ""):
        html = f"<p>a</p>{figure(bad, rest='<figcaption>b</figcaption>')}{figure(picture.pk)}"
        assert with_pictures(html).startswith("<p>a</p><figure><img src=")
    foreign = '<p><img src="https://elsewhere.example.com/x.png" alt=""></p>'
    assert with_pictures(foreign) == "<p></p>"


def test_one_query_for_a_text_and_none_without_pictures(django_assert_num_queries) -> None:
    pictures = [make_picture() for _ in range(3)]
    text = "".join(figure(one.pk) for one in pictures)
    with django_assert_num_queries(1):
        assert with_pictures(text).count("<img src") == 3
    with django_assert_num_queries(0):
        assert with_pictures("<p>words</p>") == "<p>words</p>"
    assert picture_ids(text, text) == [one.pk for one in pictures]


def test_the_editor_gets_an_address_to_show() -> None:
    picture = make_picture()
    html = with_sources(figure(picture.pk))
    assert f'<img src="{picture.first_url}" data-file="{picture.pk}"' in html
    assert with_sources(html) == html


def test_above_the_fold_it_is_not_lazy_and_keeps_its_focus() -> None:
    picture = make_picture()
    picture.focus = Focus.TOP_LEFT
    html = markup(picture, sizes=COVER, fetch="first")
    assert "lazy" not in html
    assert 'fetchpriority="high"' in html
    assert 'class="focus-top-left"' in html
