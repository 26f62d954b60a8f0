"""Addresses of the system's pages."""

from django.urls import URLPattern, path

from bashu.logistics.pages import booking as bookings
from bashu.logistics.pages import clearance, desks, figures, planner
from bashu.logistics.pages import network as pages
from bashu.logistics.pages import tracking as reports

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
booking: list[URLPattern] = [
    path("book/", bookings.book, name="book"),
    path("bookings/", bookings.consignments, name="consignments"),
    path("bookings/<uuid:public_id>/", bookings.consignment, name="consignment"),
    path("bookings/<uuid:public_id>/confirm/", bookings.confirm, name="confirm"),
    path("bookings/<uuid:public_id>/cancel/", bookings.cancel, name="cancel"),
    path("bookings/<uuid:public_id>/amend/", bookings.amend, name="amend"),
    path("bookings/<uuid:public_id>/rebook/", bookings.rebook, name="rebook"),
    path("bookings/<uuid:public_id>/boxes/", bookings.boxes, name="boxes"),
    path("bookings/<uuid:public_id>/documents/", bookings.attach, name="document_attach"),
    path("bookings/<uuid:public_id>/documents/check/", bookings.check, name="document_check"),
    path("bookings/<uuid:public_id>/declare/", bookings.declare, name="declare"),
    path("desk/", desks.operator_desk, name="operator_desk"),
    path("legs/<uuid:public_id>/reject/", desks.leg_reject, name="leg_reject"),
    path("customs/", clearance.customs_desk, name="customs_desk"),
    path("declarations/<uuid:public_id>/", clearance.declaration, name="declaration"),
    path("declarations/<uuid:public_id>/transit/", clearance.transit_open, name="transit_open"),
    path("declarations/<uuid:public_id>/<slug:name>/", clearance.step, name="declaration_step"),
    path("transits/<uuid:public_id>/discharge/", clearance.transit_discharge, name="transit_discharge"),
]
tracking: list[URLPattern] = [
    path("figures/", figures.indicators, name="indicators"),
    path("notices/", reports.notifications, name="notifications"),
    path("notices/read/", reports.read, name="notifications_read"),
    path("legs/<uuid:public_id>/report/", reports.event_report, name="event_report"),
    path("events/", reports.events_import, name="events_import"),
    path("events/template.csv", reports.template_file, name="events_template"),
]

urlpatterns = [*network, *booking, *tracking]
