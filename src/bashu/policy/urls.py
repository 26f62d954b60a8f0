"""Addresses of the system's pages."""

from django.urls import path

from bashu.policy.pages import entitled, rules, whatif

app_name = "policy"
urlpatterns = [
    path("", entitled.entitled, name="entitled"),
    path("rules/", rules.browser, name="rules"),
    path("rules/<str:code>/", rules.rule, name="rule"),
    path("items/<str:code>/", rules.item, name="item"),
    path("whatif/", whatif.desk, name="whatif"),
    path("whatif/studies/", whatif.study_list, name="whatif_studies"),
    path("whatif/new/", whatif.study_new, name="whatif_new"),
    path("whatif/<uuid:public_id>/", whatif.study, name="whatif_study"),
]
