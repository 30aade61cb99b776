"""Import the admin classes of every subpackage, so that Django registers them."""

from pages.articles import admin as articles
from pages.look import admin as look
from pages.media import admin as media
from pages.practice import admin as practice
from pages.publishing import admin as publishing
from pages.search import admin as search
from pages.site_pages import admin as site_pages

__all__ = ["articles", "look", "media", "practice", "publishing", "search", "site_pages"]
