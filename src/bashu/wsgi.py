"""The web application as WSGI servers load it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bashu.settings")
application = get_wsgi_application()

from bashu.logistics import readiness  # noqa: E402 - what follows needs Django ready

readiness.start()
