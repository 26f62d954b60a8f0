"""Addresses of the shell: health, metrics, language, the API's operations, the gallery of components."""

from django.urls import path
from django.views.i18n import set_language

from bashu.kernel.web import health, metrics, operations, styleguide

app_name = "web"
urlpatterns = [
    path("health/live", health.live, name="live"),
    path("health/ready", health.ready, name="ready"),
    path("metrics", metrics.metrics, name="metrics"),
    path("language", set_language, name="language"),
    path("api/v1/docs", operations.operations, name="operations"),
    path("styleguide", styleguide.gallery, name="styleguide"),
]
