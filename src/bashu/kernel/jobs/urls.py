"""Addresses of jobs, under /jobs/."""

from django.urls import path

from bashu.kernel.jobs import pages

app_name = "jobs"
urlpatterns = [
    path("", pages.job_list, name="list"),
    path("<uuid:public_id>/", pages.job_detail, name="detail"),
    path("<uuid:public_id>/progress", pages.job_progress, name="progress"),
    path("<uuid:public_id>/cancel", pages.job_cancel, name="cancel"),
]
