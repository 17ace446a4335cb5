"""Pages of messages and of what is sent."""

from django.urls import path

from .calendar_feed import pages as calendar_pages
from .inbox import pages
from .outside import preference_pages

urlpatterns = [
    path("inbox/", pages.listing, name="inbox"),
    path("inbox/<number:pk>/", pages.message, name="inbox-message"),
    path("inbox/<number:pk>/act/", pages.act, name="inbox-act"),
    path("inbox/<number:pk>/dismiss/", pages.dismiss, name="inbox-dismiss"),
    path("inbox/<number:pk>/mute/", pages.mute, name="inbox-mute"),
    path("inbox/<number:pk>/calendar.ics", pages.calendar, name="inbox-calendar"),
    path("inbox/calendar/", calendar_pages.manage, name="inbox-calendar-feed"),
    path("calendar/<str:token>.ics", calendar_pages.feed, name="calendar-feed"),
    path("inbox/letters/<number:pk>/", pages.letter, name="inbox-letter"),
    path("inbox/letters/<number:pk>/act/", pages.act_on_letter, name="inbox-letter-act"),
    path("inbox/preferences/", preference_pages.preferences, name="inbox-preferences"),
    path("inbox/preferences/email/", preference_pages.email, name="inbox-email"),
    path("inbox/preferences/consent/", preference_pages.consent, name="inbox-consent"),
    path("inbox/preferences/stop/", preference_pages.stop_all, name="inbox-stop"),
    path("inbox/preferences/restore/<number:pk>/", pages.undo, name="inbox-undo"),
    path("stop/<str:token>/", preference_pages.stop_page, name="stop"),
]
