"""Addresses of the scoreboard's pages."""

from django.urls import path

from bashu.programme import pages

app_name = "programme"
urlpatterns = [path("", pages.overview, name="overview")]
