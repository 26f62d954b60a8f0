"""Addresses of the scoreboard's pages."""

from django.urls import path

from bashu.programme.pages import changes, overview, plans, report, reporting, targets, work

app_name = "programme"
urlpatterns = [
    path("", overview.overview, name="overview"),
    path("boundaries.topojson", overview.boundaries, name="boundaries"),
    path("search/", overview.search, name="search"),
    path("documents/<str:code>/", overview.document, name="document"),
    path("targets/<str:code>/", targets.target, name="target"),
    path("targets/<str:code>/report/", reporting.report, name="reading_report"),
    path("readings/import/", reporting.import_file, name="readings_import"),
    path("readings/import/template.csv", reporting.template_file, name="readings_template"),
    path("readings/<uuid:public_id>/", targets.reading, name="reading"),
    path("readings/<uuid:public_id>/confirm/", reporting.confirm, name="reading_confirm"),
    path("readings/<uuid:public_id>/reject/", reporting.reject, name="reading_reject"),
    path("readings/<uuid:public_id>/withdraw/", reporting.withdraw, name="reading_withdraw"),
    path("evidence/<uuid:public_id>/", targets.evidence, name="evidence"),
    path("inbox/", reporting.inbox, name="inbox"),
    path("tasks/", work.tasks, name="tasks"),
    path("projects/", work.projects, name="projects"),
    path("tasks/<str:code>/", work.task, name="task"),
    path("tasks/<str:code>/state/", work.set_state, name="task_state"),
    path("tasks/<str:code>/investment/", work.set_investment, name="task_investment"),
    path("tasks/<str:code>/milestones/", work.add_milestone, name="milestone_add"),
    path("milestones/<uuid:public_id>/meet/", work.meet_milestone, name="milestone_meet"),
    path("tasks/<str:code>/blockers/", work.raise_blocker, name="blocker_raise"),
    path("blockers/<uuid:public_id>/resolve/", work.resolve_blocker, name="blocker_resolve"),
    path("plans/", plans.plans, name="plans"),
    path("plans/open/", plans.open_plan, name="plan_open"),
    path("plans/<int:year>/", plans.plan, name="plan"),
    path("plans/<int:year>/items/", plans.add_item, name="plan_item_add"),
    path("plan-items/<uuid:public_id>/decide/", plans.decide_item, name="plan_item_decide"),
    path("plans/<int:year>/close/", plans.close, name="plan_close"),
    path("changes/", changes.changes, name="changes"),
    path("report/<int:year>/", report.report, name="report"),
]
