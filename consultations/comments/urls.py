"""Addresses of comments, below the article and for the private pages."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from consultations.comments import manage_views, views


class ArticleSlugConverter(StringConverter):
    # A category or tag may be called "comments": articles/category/comments/ is its page.
    regex = "(?!category/|tag/)[-a-zA-Z0-9_]+"


class PublicIdConverter(StringConverter):
    regex = "[0-9a-f]{24}"


register_converter(ArticleSlugConverter, "article")
register_converter(PublicIdConverter, "public_id")

app_name = "comments"

urlpatterns = [
    path("articles/<article:slug>/comments/", views.submit, name="submit"),
    path(
        "articles/<article:slug>/comments/<public_id:public_id>/",
        views.permalink,
        name="permalink",
    ),
    path(
        "articles/<article:slug>/comments/<public_id:public_id>/report/",
        views.report,
        name="report",
    ),
    path("comments/manage/<str:token>/", manage_views.manage, name="manage"),
    path("comments/manage/<str:token>/edit/", manage_views.edit, name="edit"),
    path("comments/manage/<str:token>/notices/", manage_views.notices, name="notices"),
    path("comments/manage/<str:token>/withdraw/", manage_views.withdraw, name="withdraw"),
]
