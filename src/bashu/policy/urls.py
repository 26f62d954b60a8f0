"""Addresses of the system's pages."""

from django.urls import path

from bashu.policy.pages import desk, entitled, mine, powers, profile, rules, whatif

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
    path("mine/", mine.mine, name="mine"),
    path("profiles/", profile.profile_list, name="profiles"),
    path("profiles/<uuid:public_id>/", profile.profile, name="profile"),
    path("profiles/<uuid:public_id>/record/", profile.profile_add, name="profile_record"),
    path("profiles/<uuid:public_id>/table/", profile.profile_table, name="profile_table"),
    path("profiles/<uuid:public_id>/take/", profile.profile_take, name="profile_take"),
    path("items/<uuid:public_id>/apply/", mine.apply, name="apply"),
    path("offers/<uuid:public_id>/accept/", mine.offer_answer, {"accept": True}, name="offer_accept"),
    path("offers/<uuid:public_id>/decline/", mine.offer_answer, {"accept": False}, name="offer_decline"),
    path("desk/", desk.desk, name="desk"),
    path("desk/push/", desk.offers_push, name="offers_push"),
    path("applications/<uuid:public_id>/", desk.application, name="application"),
    *[
        path(f"applications/<uuid:public_id>/{act}/", desk.application_act, {"act": act}, name=f"application_{act}")
        for act in desk.ACTS
    ],
    path("appeals/<uuid:public_id>/change/", desk.appeal_decide, {"change": True}, name="appeal_change"),
    path("appeals/<uuid:public_id>/uphold/", desk.appeal_decide, {"change": False}, name="appeal_uphold"),
    path("powers/", powers.powers, name="powers"),
    path("powers/lend/", powers.delegation_grant, name="delegation_grant"),
    path("powers/delegations/<uuid:public_id>/", powers.delegation, name="delegation"),
    path("powers/delegations/<uuid:public_id>/revoke/", powers.delegation_revoke, name="delegation_revoke"),
    path("powers/delegations/<uuid:public_id>/act/", powers.delegation_act, name="delegation_act"),
    path("powers/land/", powers.land, name="land"),
    path("powers/land/plan/", powers.land_plan, name="land_plan"),
    path("powers/land/<uuid:public_id>/allocate/", powers.land_allocate, name="land_allocate"),
    path("powers/land/<uuid:public_id>/reserve/", powers.land_reserve, name="land_reserve"),
    path("powers/land/held/<uuid:public_id>/use/", powers.land_settle, {"use": True}, name="land_use"),
    path("powers/land/held/<uuid:public_id>/release/", powers.land_settle, {"use": False}, name="land_release"),
    path("powers/tariffs/", powers.tariffs, name="tariffs"),
]
