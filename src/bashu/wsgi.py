"""The web application as WSGI servers load it."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bashu.settings")
application = get_wsgi_application()
