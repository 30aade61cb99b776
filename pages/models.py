"""Import the models of every subpackage for Django; code imports from the subpackage itself."""

from pages.articles.models import Article, Category, Tag
from pages.look.models import Look, LookFile
from pages.media.models import Picture
from pages.practice.models import (
    CrisisLine,
    Fee,
    FrequentQuestion,
    Holiday,
    Licence,
    OpeningHours,
    PracticeProfile,
    Practitioner,
    Referral,
    Service,
    SocialLink,
)
from pages.publishing.models import ReusableBlock
from pages.publishing.redirects import Redirect
from pages.publishing.revisions import OpenPage, PreviewKey, Revision
from pages.search.models import SearchEntry, SearchSynonyms
from pages.site_pages.menus import MenuEntry
from pages.site_pages.models import FreePage, SitePage
from pages.text.reclean import CleanedText
from pages.wordpress.models import ImportedItem

__all__ = [
    "Article",
    "Category",
    "CleanedText",
    "CrisisLine",
    "Fee",
    "FreePage",
    "FrequentQuestion",
    "Holiday",
    "ImportedItem",
    "Licence",
    "Look",
    "LookFile",
    "MenuEntry",
    "OpenPage",
    "OpeningHours",
    "Picture",
    "PracticeProfile",
    "Practitioner",
    "PreviewKey",
    "Redirect",
    "Referral",
    "ReusableBlock",
    "Revision",
    "SearchEntry",
    "SearchSynonyms",
    "Service",
    "SitePage",
    "SocialLink",
    "Tag",
]
