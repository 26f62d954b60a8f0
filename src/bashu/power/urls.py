"""Addresses of the system's pages."""

from django.urls import path

from bashu.power.pages import benefit, cases, compare, facts, overview

app_name = "power"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("runs/<uuid:public_id>/hours.json", overview.run_hours, name="run_hours"),
    path("compare/", compare.compare, name="compare"),
    path("benefit/", benefit.benefit, name="benefit"),
    path("facts/", facts.facts, name="facts"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<uuid:public_id>/publish/", cases.case_publish, name="case_publish"),
]
