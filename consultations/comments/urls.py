from django.urls import path

from consultations.comments import views

app_name = "comments"

urlpatterns = [
    path("articles/<slug:slug>/comments/", views.submit, name="submit"),
    path("comments/manage/<str:token>/", views.manage, name="manage"),
    path("comments/manage/<str:token>/withdraw/", views.withdraw, name="withdraw"),
]
