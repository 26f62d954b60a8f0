"""Addresses of the system's pages."""

from django.urls import URLPattern, path

from bashu.logistics.pages import network as pages
from bashu.logistics.pages import planner

app_name = "logistics"

network: list[URLPattern] = [
    path("", planner.planner, name="planner"),
    path("places/", planner.suggestions, name="suggestions"),
    path("network/", pages.overview, name="network"),
    path("network/versions/", pages.versions, name="imports"),
    path("network/versions/<uuid:public_id>/restore/", pages.restore, name="restore"),
    path("network/versions/<uuid:public_id>/network.zip", pages.export, name="export"),
    path("network/hubs/<str:code>/", pages.hub, name="hub"),
    path("network/hubs/<str:code>/close/", pages.close, name="hub_close"),
    path("network/closures/<uuid:public_id>/lift/", pages.lift, name="closure_lift"),
]
booking: list[URLPattern] = []
tracking: list[URLPattern] = []

urlpatterns = [*network, *booking, *tracking]
