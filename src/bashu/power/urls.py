"""Addresses of the system's pages."""

from django.urls import path

from bashu.power.pages import benefit, cases, certificates, compare, facts, matching, overview, settlement, trees

app_name = "power"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("runs/<uuid:public_id>/hours.json", overview.run_hours, name="run_hours"),
    path("compare/", compare.compare, name="compare"),
    path("benefit/", benefit.benefit, name="benefit"),
    path("trees/", trees.trees, name="trees"),
    path("facts/", facts.facts, name="facts"),
    path("cases/new/", cases.case_new, name="case_new"),
    path("cases/<uuid:public_id>/publish/", cases.case_publish, name="case_publish"),
    path("cases/<uuid:public_id>/tree/", trees.tree_start, name="tree_start"),
    path("certificates/", certificates.register, name="certificates"),
    path("certificates/issue/", certificates.issue, name="certificates_issue"),
    path("certificates/hours/", certificates.import_hours, name="hours_import"),
    path("certificates/units/<uuid:public_id>/", certificates.unit, name="unit"),
    path("certificates/holdings/<uuid:public_id>/retire/", certificates.retire, name="holding_retire"),
    path("certificates/holdings/<uuid:public_id>/offer/", certificates.offer, name="holding_offer"),
    path(
        "certificates/transfers/<uuid:public_id>/accept/",
        certificates.answer,
        {"how": "accept"},
        name="transfer_accept",
    ),
    path(
        "certificates/transfers/<uuid:public_id>/decline/",
        certificates.answer,
        {"how": "decline"},
        name="transfer_decline",
    ),
    path(
        "certificates/transfers/<uuid:public_id>/withdraw/",
        certificates.answer,
        {"how": "withdraw"},
        name="transfer_withdraw",
    ),
    path("matching/", matching.matching, name="matching"),
    path("matching/consumption/", matching.import_consumption, name="consumption_import"),
    path("settlements/", settlement.settlements, name="settlements"),
    path("settlements/propose/", settlement.propose, name="settlement_propose"),
    path("settlements/<uuid:public_id>/", settlement.settlement, name="settlement"),
    path("settlements/<uuid:public_id>/sign/", settlement.answer, {"how": "sign"}, name="settlement_sign"),
    path("settlements/<uuid:public_id>/decline/", settlement.answer, {"how": "decline"}, name="settlement_decline"),
    path("settlements/<uuid:public_id>/withdraw/", settlement.answer, {"how": "withdraw"}, name="settlement_withdraw"),
]
