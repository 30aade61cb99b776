"""URLs of all public pages."""

from django.urls import path, register_converter

from pages import views
from pages.articles import views as articles
from pages.articles.feeds import ArticleAtomFeed, ArticleFeed
from pages.caching import cacheable_page
from pages.look.views import look_file, look_stylesheet
from pages.media.views import picture_file
from pages.security_txt import security_txt
from pages.site_pages import views as site_pages
from pages.site_pages.addresses import PagePathConverter

app_name = "pages"


class YearConverter:
    regex = "[12][0-9]{3}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(YearConverter, "year")
register_converter(PagePathConverter, "pagepath")

rss_feed = cacheable_page(ArticleFeed())
atom_feed = cacheable_page(ArticleAtomFeed())
CATEGORY_ROUTE = "articles/category/<slug:slug>"

urlpatterns = [
    path("", views.home, name="home"),
    path("about/", site_pages.about, name="about"),
    path("about/<slug:slug>/", site_pages.practitioner_detail, name="practitioner_detail"),
    path("services/", site_pages.service_list, name="service_list"),
    path("services/<slug:slug>/", site_pages.service_detail, name="service_detail"),
    path("fees/", site_pages.fees, name="fees"),
    path("what-to-expect/", site_pages.what_to_expect, name="what_to_expect"),
    path("faq/", site_pages.faq, name="faq"),
    path("contact/", site_pages.contact, name="contact"),
    path("crisis/", site_pages.crisis, name="crisis"),
    path("privacy/", site_pages.privacy, name="privacy"),
    path("accessibility/", site_pages.accessibility, name="accessibility"),
    path("terms/", site_pages.terms, name="terms"),
    path("comment-policy/", site_pages.comment_policy, name="comment_policy"),
    path(
        "notice-of-privacy-practices/",
        site_pages.notice_of_privacy_practices,
        name="notice_of_privacy_practices",
    ),
    path("imprint/", site_pages.imprint, name="imprint"),
    path("good-faith-estimate/", site_pages.good_faith_estimate, name="good_faith_estimate"),
    path("articles/", articles.article_list, name="article_list"),
    path("articles/feed/rss/", rss_feed, name="feed_rss"),
    path("articles/feed/atom/", atom_feed, name="feed_atom"),
    path(f"{CATEGORY_ROUTE}/", articles.category_detail, name="category_detail"),
    path(f"{CATEGORY_ROUTE}/feed/rss/", rss_feed, name="category_feed_rss"),
    path(f"{CATEGORY_ROUTE}/feed/atom/", atom_feed, name="category_feed_atom"),
    path("articles/tag/<slug:slug>/", articles.tag_detail, name="tag_detail"),
    path("articles/<year:year>/", articles.article_year, name="article_year"),
    path("articles/<slug:slug>/", articles.article_detail, name="article_detail"),
    path(
        "articles/<slug:slug>/share.png", articles.article_share_image, name="article_share_image"
    ),
    path("media/<str:picture>/<str:name>", picture_file, name="picture_file"),
    path("look/<slug:digest>.css", look_stylesheet, name="look_stylesheet"),
    path("look/<str:name>", look_file, name="look_file"),
    path("preview/<str:token>/", views.preview, name="preview"),
    path("search/", views.site_search, name="search"),
    path("patterns/", views.patterns, name="patterns"),
    path("share.png", views.site_share_image, name="share_image"),
    path("sitemap.xml", views.sitemap, name="sitemap"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", security_txt, name="security_txt"),
    # Last: the practice's own pages may have any address that nothing else has.
    path("<pagepath:path>/", site_pages.free_page, name="free_page"),
]
