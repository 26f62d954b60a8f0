"""Django's settings. What an operator may set is an environment variable, declared by `setting()` and listed in DOCUMENTED.

A process has one database role for its whole life (BASHU_ROLE): `app` for pages and commands, `system` for the sealer and
workers, `owner` for migrations.
"""

import os
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from bashu.kernel.database.connection import connection_settings
from bashu.kernel.secrets import secret_key
from bashu.kernel.web import assets


class Setting(NamedTuple):
    """One environment variable, its default, and what it does."""

    name: str
    default: str
    purpose: str


DOCUMENTED: list[Setting] = []


def setting(name: str, default: str, purpose: str) -> str:
    """Read an environment variable and list it for the documentation."""
    DOCUMENTED.append(Setting(name, default, purpose))
    return os.environ.get(name, default)


def switch(name: str, purpose: str) -> bool:
    """A setting that is off unless set to 1."""
    return setting(name, "0", purpose) == "1"


BASHU_HOME = Path(setting("BASHU_HOME", "./var", "folder of keys, data, logs and locks")).absolute()
BASHU_DEMO = switch("BASHU_DEMO", "serve the demonstration database instead of the real one")
BASHU_ROLE = setting("BASHU_ROLE", "app", "database role of this process: app, system or owner")
BASHU_NODE = setting("BASHU_NODE", "bashu.local", "name of this node, signed into every journal checkpoint")
BASHU_HOSTS = setting("BASHU_HOSTS", "localhost,127.0.0.1,[::1]", "host names the node answers to, comma-separated")
BASHU_HTTPS = switch("BASHU_HTTPS", "the node stands behind HTTPS: secure cookies, strict transport security")
BASHU_PROXIES = int(setting("BASHU_PROXIES", "0", "number of trusted reverse proxies in front of the node"))
BASHU_API_RATE = int(setting("BASHU_API_RATE", "600", "API requests a minute for each caller and worker process"))
BASHU_SMTP = setting("BASHU_SMTP", "", "SMTP server host:port for outgoing mail; empty writes mail to BASHU_HOME/mail")
BASHU_MAIL_FROM = setting("BASHU_MAIL_FROM", "bashu@localhost", "sender of outgoing mail")
for _role in ("OWNER", "APP", "SYSTEM"):
    setting(
        f"BASHU_DATABASE_URL_{_role}",
        "",
        f"URL of an external PostgreSQL 18 for the role bashu_{_role.lower()}; empty: embedded",
    )
# Read by the supervisor of the embedded server, not here.
setting("BASHU_DATABASE_IDLE_SECONDS", "60", "the embedded server stops after so long without anybody who needs it")
setting("BASHU_DATABASE_FSYNC", "on", "off: the embedded server does not wait for the disk; only for tests")

# The demonstration stands still at this instant, which its pages show; logins and sealing use real time.
DEMO_INSTANT = datetime.fromisoformat("2025-11-30T10:00:00+08:00")
DATABASE_NAME = setting("BASHU_DATABASE", "", "database name; empty: bashu, or bashu_demo for the demonstration") or (
    "bashu_demo" if BASHU_DEMO else "bashu"
)

SECRET_KEY = secret_key(BASHU_HOME)
DEBUG = False
ALLOWED_HOSTS = BASHU_HOSTS.split(",")
ROOT_URLCONF = "bashu.urls"
WSGI_APPLICATION = "bashu.wsgi.application"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "pgtrigger",
    "procrastinate.contrib.django",
    "bashu.kernel.web",
    "bashu.kernel.parties",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "bashu.kernel.journal",
    "bashu.kernel.commands",
    "bashu.kernel.places",
    "bashu.kernel.jobs",
    "bashu.logistics",
    "bashu.power",
    "bashu.policy",
    "bashu.programme",
]

MIDDLEWARE = [
    "bashu.kernel.web.middleware.RequestContext",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "bashu.kernel.web.middleware.Language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "bashu.kernel.parties.middleware.Viewer",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "bashu.kernel.web.context.shell",
            ],
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "bashu.kernel.database.backend",
        **connection_settings(BASHU_HOME, BASHU_ROLE, DATABASE_NAME),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
}

# `kernel.jobs.registry` finds the tasks when a worker or a submission asks; importing them at every start costs a second.
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).parent / "locale"]
LANGUAGE_COOKIE_NAME = "bashu_language"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = f"static/{assets.version()}/"  # the version in the path lets browsers keep every file for ever
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
# Files are served straight from the packages that bring them.
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False
WHITENOISE_IMMUTABLE_FILE_TEST = assets.immutable
CSRF_FAILURE_VIEW = "bashu.kernel.web.refusals.csrf_failed"

AUTH_USER_MODEL = "parties.Person"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
PASSWORD_RESET_TIMEOUT = 3600  # seconds that a letter to reset a password is good
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "bashu.kernel.parties.adapter.InvitedOnly"
ACCOUNT_EMAIL_VERIFICATION = "none"  # an invitation is sent to the address it is for
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no letters to strangers; the page answers the same
ACCOUNT_EMAIL_NOTIFICATIONS = True  # a changed password or second factor is told to its owner
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_RATE_LIMITS = {
    "login_failed": "30/m/ip,100/h/key"
}  # axes locks sooner; this bounds guessing from many addresses
MFA_ADAPTER = "bashu.kernel.parties.adapter.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False
AXES_DISABLE_ACCESS_LOG = True  # our own audit is kept instead
AXES_USERNAME_CALLABLE = "bashu.kernel.parties.signin.lockout_name"
AXES_CLIENT_IP_CALLABLE = "bashu.kernel.parties.signin.address_of"
AXES_LOCKOUT_TEMPLATE = "account/locked.html"
AXES_SENSITIVE_PARAMETERS = ["login", "email", "username", "ip_address"]  # what axes must not write down

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = BASHU_HTTPS
SECURE_REDIRECT_EXEMPT = ["^health/ready$", "^metrics$"]  # asked on the machine itself, past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if BASHU_HTTPS else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BASHU_HTTPS and BASHU_PROXIES else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 500

if BASHU_SMTP:
    EMAIL_HOST, EMAIL_PORT = BASHU_SMTP.rsplit(":", 1)
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = BASHU_HOME / "mail"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = BASHU_MAIL_FROM

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request": {"()": "bashu.kernel.web.logs.RequestId"}},
    "formatters": {
        "json": {
            "()": "pythonjsonlogger.json.JsonFormatter",
            "format": "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s",
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request"]}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {"bashu": {"level": "INFO"}, "axes": {"level": "WARNING"}, "django.request": {"level": "ERROR"}},
}
SITE_NAME = _("Bashu")
