"""All settings, in one file. With no environment variable at all aldia runs on SQLite in ./var."""

import os
from pathlib import Path

from csp.constants import NONE, SELF
from django.utils.translation import gettext_lazy as _

from aldia.config import environment as env

PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(env.text("ALDIA_HOME") or PACKAGE.parent.parent / "var").resolve()

DEBUG = env.flag("ALDIA_DEBUG", default=False)
SECRET_KEY = env.kept_secret(HOME, "ALDIA_SECRET_KEY")
VAULT_KEY = env.kept_secret(
    HOME, "ALDIA_VAULT_KEY"
)  # seals what the database may not show: passwords of servers
ALLOWED_HOSTS = env.words("ALDIA_HOSTS", ["localhost", "127.0.0.1", "[::1]", "testserver"])
WEBHOOKS_MAY_STAY_INSIDE = env.flag(
    "ALDIA_WEBHOOKS_INSIDE", default=False
)  # to http and to private addresses
PUBLIC_URL = env.text("ALDIA_PUBLIC_URL", "http://127.0.0.1:8000")
CSRF_TRUSTED_ORIGINS = env.words("ALDIA_TRUSTED_ORIGINS", [])
BEHIND_HTTPS = PUBLIC_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "django_cotton.apps.SimpleAppConfig",
    "django_vite",
    "aldia.web.ui",  # before allauth, whose pages it restyles
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "csp",
    "django_celery_beat",
    "aldia.db",
    "aldia.access",
    "aldia.parties",
    "aldia.ledger",
    "aldia.cases",
    "aldia.contact",
    "aldia.outcomes",
    "aldia.payments",
    "aldia.chat",
    "aldia.intake",
    "aldia.strategy",
    "aldia.kpi",
    "aldia.web.desk",
    "aldia.web.portal",
    "aldia.web.agency",
    "aldia.ops",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.gzip.GZipMiddleware",  # pads at random, and the CSRF token is masked anew in each page
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "aldia.web.ui.faults.not_by_hand",
    "aldia.web.ui.middleware.StaffMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "aldia.config.urls"
WSGI_APPLICATION = "aldia.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "OPTIONS": {
            "loaders": [
                (
                    "django.template.loaders.cached.Loader",
                    [
                        "django_cotton.cotton_loader.Loader",
                        "django.template.loaders.filesystem.Loader",
                        "django.template.loaders.app_directories.Loader",
                    ],
                )
            ],
            "builtins": ["django_cotton.templatetags.cotton"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "aldia.web.ui.context.shell",
            ],
        },
    }
]

DATABASES = {"default": env.database(env.text("ALDIA_DATABASE_URL"), HOME)}
ALDIA_NIGHT_HELPERS = env.integer("ALDIA_NIGHT_HELPERS", 0)  # other workers called to a night
ALDIA_NIGHT_THREADS = env.integer("ALDIA_NIGHT_THREADS", len(os.sched_getaffinity(0)))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_ADAPTER = "aldia.web.ui.accounts.StaffAccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not BEHIND_HTTPS
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_RESET_ON_SUCCESS = True

LANGUAGE_CODE = "es"
LANGUAGES = [("es", _("Español")), ("en", _("Inglés")), ("pt-br", _("Portugués (Brasil)"))]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # straight out of the package: nothing is collected
WHITENOISE_IMMUTABLE_FILE_TEST = (
    r"^/static/dist/assets/.+-[\w-]{8}\.\w+$"  # the build names each after its content
)
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "files"},
    },
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
DJANGO_VITE = {
    "default": {
        "dev_mode": False,
        "static_url_prefix": "dist",
        "manifest_path": PACKAGE / "web/ui/static/dist/manifest.json",
    }
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 12_000
DATA_UPLOAD_MAX_NUMBER_FILES = 1_000  # electronic documents dropped one by one; more come as a ZIP

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "media-src": [SELF],
        "form-action": [SELF],
        "manifest-src": [SELF],
        "frame-src": [SELF],
        "frame-ancestors": [SELF],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = BEHIND_HTTPS and env.flag("ALDIA_REDIRECT_HTTPS", default=False)
SECURE_HSTS_SECONDS = 31_536_000 if BEHIND_HTTPS else 0
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = BEHIND_HTTPS
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3600
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

# Live e-mail; used only by organisations that are not in sandbox and have switched the channel on.
EMAIL_HOST = env.text("ALDIA_SMTP_HOST")
EMAIL_PORT = env.integer("ALDIA_SMTP_PORT", 25)
EMAIL_HOST_USER = env.text("ALDIA_SMTP_USER")
EMAIL_HOST_PASSWORD = env.text("ALDIA_SMTP_PASSWORD")
EMAIL_USE_TLS = env.flag("ALDIA_SMTP_STARTTLS", default=False)
EMAIL_USE_SSL = env.flag("ALDIA_SMTP_TLS", default=False)
EMAIL_TIMEOUT = 30
DEFAULT_FROM_EMAIL = env.text("ALDIA_SMTP_FROM", "avisos@localhost")

# One verified backup a day; best on another disk. Keep: how many of the newest stay.
BACKUPS = Path(env.text("ALDIA_BACKUPS") or HOME / "backups")
BACKUPS_KEPT = env.integer("ALDIA_BACKUPS_KEPT", 14)

# Tasks: Celery over our own rows. Embedded default: folders in the data folder, no server.
BROKER_URL = env.text("ALDIA_BROKER_URL", "filesystem://localhost")

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("ALDIA_LOG_LEVEL", "WARNING")},
}
SILENCED_SYSTEM_CHECKS = ["axes.W003"]
