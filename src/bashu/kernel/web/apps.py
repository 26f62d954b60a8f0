"""Django's name for this room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """The room's app."""

    name = "bashu.kernel.web"
    label = "web"
