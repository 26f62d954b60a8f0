"""Addresses of the system's pages."""

from django.urls import URLPattern

app_name = "logistics"

network: list[URLPattern] = []
booking: list[URLPattern] = []
tracking: list[URLPattern] = []

urlpatterns = [*network, *booking, *tracking]
