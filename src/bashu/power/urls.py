"""Addresses of the system's pages."""

from django.urls import URLPattern

app_name = "power"
urlpatterns: list[URLPattern] = []
