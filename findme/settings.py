"""Settings: one module, values from the environment. `.env.example` documents each."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _

from findme import limits
from findme.backends.static import BUNDLE, bundle, bundle_url
from findme.env import (
    ROOT,
    VAR,
    bin_days,
    bucket,
    database_folder,
    database_url,
    env,
    picture_origins,
    rekognition_prices,
    secret_key,
    upload_origins,
)

DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = secret_key()
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SITE_URL = env.str("SITE_URL", default="http://localhost:8000").rstrip("/")

INSTALLED_APPS = [
    "findme",
    "unfold.apps.BasicAppConfig",
    "events.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "django_q",
    "pgactivity",
    "pglock",
    "auditlog",
    "events",
    "photos",
    "faces",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "findme.backends.policy.ContentPolicy",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "findme.serving.shortcuts.Shortcuts",
    "findme.backends.compression.TextCompressed",
    "events.entrance.sessions.Sessions",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "findme.serving.bodies.BodiesBounded",
    "django.middleware.csrf.CsrfViewMiddleware",
    "events.entrance.proof.ProvenAuthentication",
    "events.language.AccountLanguage",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "findme.http.LaterAnswered",
    "events.gone.GoneMeanwhile",
]

ROOT_URLCONF = "findme.urls"
WSGI_APPLICATION = "findme.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [ROOT / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "events.access.in_view",
                "photos.audience.in_view",
            ],
        },
    },
]

# Whatever stands between (docs/operations.md): a pooler lends a session for one transaction, which
# a cursor of the server would outlive.
DATABASES = {
    "default": {
        **env.db_url_config(database_url()),
        "ENGINE": "findme.backends.postgresql",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Shared by all processes and hosts: rate limits live in it.
CACHES: dict[str, dict[str, Any]] = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "findme_cache",
        # With the default of 300, who is counted often would push out what is counted of others.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    },
    # Counts of galleries by their version: never wrong, so each process may keep its own.
    "galleries": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
}

# --- accounts: e-mail instead of user names, codes instead of passwords ---
AUTH_USER_MODEL = "events.User"
AUTHENTICATION_BACKENDS = [
    "events.entrance.backends.DeskBackend",
    "events.entrance.backends.GuestBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_request_login_code"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "events.entrance.accounts.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGOUT_REDIRECT_URL = "home"
ACCOUNT_RATE_LIMITS = limits.rates()
# How many proxies stand in front and append to X-Forwarded-For. 0: the header is not believed.
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXY_COUNT", default=0)

# --- the second factor of who opens the desk ---
DESK_SECOND_FACTOR = env.str("DESK_SECOND_FACTOR", default="optional")
if DESK_SECOND_FACTOR not in {"optional", "required"}:
    raise ImproperlyConfigured("DESK_SECOND_FACTOR must be optional or required.")
MFA_ADAPTER = "events.entrance.second_factor.Adapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "FindMe"
# Not allauth's way, which knows passwords only: `events.entrance.second_factor.page` asks.
MFA_REAUTHENTICATION_REQUIRED = False
MFA_FORMS = {
    "add_webauthn": "events.entrance.passkeys.AddForm",
    "edit_webauthn": "events.entrance.passkeys.EditForm",
    "authenticate_webauthn": "events.entrance.passkeys.AuthenticateForm",
    "reauthenticate_webauthn": "events.entrance.passkeys.ShowForm",
}

# --- what the outside may do ---
SECURE_TLS = env.bool("SECURE_TLS", default=SITE_URL.startswith("https://"))
if SECURE_TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("SECURE_HSTS_SUBDOMAINS", default=False)
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    # No other host below the same domain can set a cookie of such a name.
    SESSION_COOKIE_NAME = "__Host-sessionid"
    CSRF_COOKIE_NAME = "__Host-csrftoken"
    LANGUAGE_COOKIE_NAME = "__Host-django_language"
# findme.W001 and W002 say the same, and what to do; http is turned into https by the proxy (W008);
# subdomains are a setting (W005), and browsers' built-in lists are not ours to fill (W021).
SILENCED_SYSTEM_CHECKS = [
    f"security.{id_}" for id_ in ("W004", "W005", "W008", "W010", "W016", "W021")
]
SESSION_ENGINE = "events.entrance.sessions"
SESSION_COOKIE_AGE = 90 * 24 * 3600
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# --- who is responsible for photos and faces, where an event names nobody of its own ---
CONTROLLER_NAME = env.str("CONTROLLER_NAME", default="")
CONTROLLER_CONTACT = env.str("CONTROLLER_CONTACT", default="")

# --- where photos and selfies are kept ---
# The store of new pictures: each row knows where its own are. The bucket stays configured while
# any picture is in it.
MEDIA_STORE = env.str("MEDIA_STORE", default="database")
# How long an object's signed address stays the same; it is valid for twice that.
MEDIA_URL_SECONDS = env.int("MEDIA_URL_SECONDS", default=3600)
# Whether organizers' browsers send originals to the bucket themselves; it needs CORS rules.
MEDIA_DIRECT_UPLOAD = env.bool("MEDIA_DIRECT_UPLOAD", default=True)
BUCKET = bucket()
# Photos and selfies are refused before so much of the database's space is used up, which is known
# by the disk of its files where they are on this machine, or by the size that it may have.
STORE_RESERVE_BYTES = env.int("STORE_RESERVE_BYTES", default=2**30)
DATABASE_FOLDER = env.str("DATABASE_FOLDER", default=database_folder())
DATABASE_MAX_BYTES = env.int("DATABASE_MAX_BYTES", default=0)
# Of a month, for the desk. None: S3's price of what is in the bucket, nothing of what is not.
STORAGE_DOLLARS_PER_GB = env.float("STORAGE_DOLLARS_PER_GB", default=None)

# --- what pages may load ---
CONTENT_SECURITY_POLICY = {
    # No page needs anything inline. The desk allows a little more (`events.desk.site.POLICY`).
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:", "blob:", *picture_origins(BUCKET)],
        "connect-src": ["'self'", *upload_origins(BUCKET)],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    },
}
# An organizer drops a folder on the upload page; each file is checked by photos.intake.ingest.
DATA_UPLOAD_MAX_NUMBER_FILES = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 8 * 2**20

# --- photos ---
PHOTO_MAX_BYTES = env.int("PHOTO_MAX_BYTES", default=60 * 2**20)
PHOTO_MAX_MEGAPIXELS = env.int("PHOTO_MAX_MEGAPIXELS", default=200)
# Bytes of photos on their way to guests that one web process has on its disk at once.
DOWNLOADS_DISK_BYTES = env.int("DOWNLOADS_DISK_BYTES", default=2**30)
# How many ZIP archives for browsers without JavaScript one web process has on its disk at once.
ARCHIVES_AT_ONCE = env.int("ARCHIVES_AT_ONCE", default=4)
SELFIE_MAX_BYTES = env.int("SELFIE_MAX_BYTES", default=20 * 2**20)
DESK_FORM_MAX_BYTES = env.int("DESK_FORM_MAX_BYTES", default=2 * 2**30)
BIN_DAYS = bin_days()

# --- faces ---
FACE_INDEX = env.str("FACE_INDEX", default="local")
FACE_BACKEND = env.str("FACE_BACKEND", default="auto")
REKOGNITION_REGION = env.str("AWS_REGION", default="") or env.str("AWS_DEFAULT_REGION", default="")
REKOGNITION_COLLECTION_PREFIX = env.str("REKOGNITION_COLLECTION_PREFIX", default="findme")
# Per account, for all processes and hosts. Amazon's quota is 5 in most regions, 50 in some.
REKOGNITION_CALLS_PER_SECOND = env.float("REKOGNITION_CALLS_PER_SECOND", default=5.0)
# By so many of their surest faces each guest's other photos are asked for: a call each; 0: none.
REKOGNITION_ANCHORS = env.int("REKOGNITION_ANCHORS", default=2)
REKOGNITION_PRICES = rekognition_prices()

# --- the queue ---
# `retry` is for how long a job is held at most, from when it began or last said that it goes on
# (`findme.queue.rows`): longer than its `timeout`, or one that still runs is handed out again. Only
# failures leave a row behind; the domain rows hold the state of the work.
WORKERS = env.int("WORKERS", default=0)
Q_CLUSTER = {
    "name": "findme",
    "orm": "default",
    "broker_class": "findme.queue.broker.GuestsFirstBroker",
    "cached": False,
    "workers": WORKERS or None,
    "timeout": 180,
    "retry": 600,
    "queue_limit": 1,
    "bulk": 1,
    "poll": 0.2,
    "save_limit": -1,
    "catch_up": False,
    "max_attempts": 3,
    "ack_failures": True,
    "recycle": 500,
    "max_rss": 900_000,
    "label": "Queue",
}

# --- language and time ---
LANGUAGE_CODE = env.str("LANGUAGE_CODE", default="en")
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LOCALE_PATHS = [ROOT / "locale"]
TIME_ZONE = env.str("TIME_ZONE", default="Europe/Paris")
USE_I18N = True
FORMAT_MODULE_PATH = "findme.formats"
USE_TZ = True

# --- e-mail: kept in files until a server is named ---
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url_config(EMAIL_URL))
else:
    EMAIL_BACKEND = "findme.backends.mail_files.EmailBackend"
    EMAIL_FILE_PATH = VAR / "mail"
# Without it whoever waits for a mail server that never answers waits for ever: a page that sends a
# code, and a job until it is ended. A filter that reads a letter first may take half a minute.
EMAIL_TIMEOUT = 60
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="FindMe <findme@localhost>")

# --- static files: pictures, and what bin/bundle.js makes of scripts and styles ---
STATIC_URL = "static/"
STATIC_ROOT = ROOT / "staticfiles"
BUNDLES = VAR / "bundles"
STATICFILES_DIRS = [("img", ROOT / "static" / "img"), ("bundles", BUNDLES)]
WHITENOISE_IMMUTABLE_FILE_TEST = BUNDLE
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "findme.backends.static.StaticFiles"},
}
if BUCKET["bucket_name"]:
    STORAGES["media"] = {"BACKEND": "photos.store.bucket.BucketStorage", "OPTIONS": BUCKET}

# Colours of the desk are in colors.css: of a setting the theme would make styles inside each page.
UNFOLD = {
    "SITE_TITLE": "FindMe",
    "SITE_HEADER": "FindMe",
    "SITE_ICON": lambda request: static("img/icon.svg"),
    "SITE_FAVICONS": [{"rel": "icon", "href": lambda request: static("img/icon.svg")}],
    "STYLES": [lambda request: bundle_url(bundle("desk")["styles"][0])],
    "SCRIPTS": [lambda request: bundle_url(bundle("desk-htmx")["scripts"][0])],
    "LOGIN": {"form": "events.desk.sign_in.DeskLoginForm"},
    "SHOW_VIEW_ON_SITE": False,
    "SIDEBAR": {"navigation": "events.desk.menu.menu"},
}

LOG_LEVEL = env.str("LOG_LEVEL", default="INFO").upper()
if LOG_LEVEL not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
    raise ImproperlyConfigured("LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR.")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"},
    },
    "filters": {"without_secret_links": {"()": "findme.backends.logs.WithoutSecretLinks"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["without_secret_links"],
        }
    },
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "findme": {"level": LOG_LEVEL},
        "events": {"level": LOG_LEVEL},
        "photos": {"level": LOG_LEVEL},
        "faces": {"level": LOG_LEVEL},
        "django_q": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
    },
}
