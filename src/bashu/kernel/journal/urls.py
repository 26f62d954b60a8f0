"""Addresses of the journal's pages."""

from django.urls import path

from bashu.kernel.journal import pages

app_name = "journal"
urlpatterns = [
    path("", pages.overview, name="overview"),
    path("entries/<uuid:entry_id>/", pages.entry, name="entry"),
]
