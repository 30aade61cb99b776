from django.urls import path

from consultations.booking import manage_views, views
from consultations.booking.calendars import views as calendars_views

app_name = "booking"

urlpatterns = [
    path("consultation/", views.consultation_page, name="consultation"),
    path("consultation/details/", views.booking_form, name="details"),
    path("consultation/confirm/<str:token>/", manage_views.confirm, name="confirm"),
    path("c/<str:token>/", manage_views.manage, name="manage"),
    path("c/<str:token>/move/", manage_views.move, name="move"),
    path("c/<str:token>/cancel/", manage_views.cancel, name="cancel"),
    path("c/<str:token>/calendar.ics", manage_views.calendar_file, name="calendar_file"),
    path("calendar/<str:token>.ics", calendars_views.calendar_feed, name="calendar_feed"),
]
