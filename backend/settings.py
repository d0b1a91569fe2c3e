"""Settings, read from the environment (`.env.sample` lists every name). With none set: the demo, on SQLite.

A name that is there without a value counts as not set, so that the sample can be taken as it is and compose hands on every name.

TASUKI_ROLE  inside   the closed network: desk, API, register, journal
             outside  the Internet side: published pages and /verify/ only; no room that knows a resident is installed
             demo     both in one process, and every page says so
"""

import os
import warnings
from pathlib import Path

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
env = environ.Env()
env.ENVIRON = {name: value for name, value in os.environ.items() if value.strip()}

ROLE = env.str("TASUKI_ROLE", default="demo")
if ROLE not in {"inside", "outside", "demo"}:
    raise ImproperlyConfigured(f"TASUKI_ROLE must be inside, outside or demo, not {ROLE!r}")
INSIDE = ROLE in {"inside", "demo"}
OUTSIDE = ROLE in {"outside", "demo"}
DEMO = ROLE == "demo"

DATA_DIR = Path(env.str("TASUKI_DATA_DIR", default=str(BASE_DIR / "var")))
DEBUG = env.bool("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="demo-only-key-never-used-with-real-people" if DEMO else "")
if not SECRET_KEY:
    raise ImproperlyConfigured("SECRET_KEY must be set for the roles inside and outside")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if DEMO else [])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

# Who the installation belongs to, and where the public finds it.
MUNICIPALITY = env.str("TASUKI_MUNICIPALITY", default="大浜市" if DEMO else "")
MUNICIPALITY_CODE = env.str("TASUKI_MUNICIPALITY_CODE", default="999997" if DEMO else "")
MAYOR = env.str("TASUKI_MAYOR", default="大浜 市長" if DEMO else "")
PUBLIC_URL = env.str("TASUKI_PUBLIC_URL", default="http://127.0.0.1:8000" if DEMO else "").rstrip("/")
# Proxies in front of this role that add the caller's address to X-Forwarded-For; 0: nobody's word is taken for it.
PROXIES = env.int("TASUKI_PROXIES", default=0)
PUBLICATION_DIR = Path(env.str("TASUKI_PUBLICATION_DIR", default=str(DATA_DIR / "public")))
# CSV of the municipality's 町字; empty: unknown towns are not looked for.
TOWNS_FILE = env.str("TASUKI_TOWNS_FILE", default="")
FONT_DIRS = env.list("TASUKI_FONT_DIRS", default=[])  # the town's own fonts (行政事務標準文字), asked before ours
# Where the address stands on a page that is posted, in millimetres from its upper left corner: the envelope's window.
ENVELOPE_WINDOW = dict(
    zip(
        ("left", "top", "width", "height"),
        env.list("TASUKI_ENVELOPE_WINDOW", cast=float, default=[22.0, 20.0, 80.0, 38.0]),
        strict=True,
    )
)

# Where residents ask about surveys of houses, as the slips say that surveyors leave.
SURVEY_TELEPHONE = env.str("TASUKI_SURVEY_TELEPHONE", default="")
# Of a hundred typed survey sheets, how many are drawn by lot to be typed once more by somebody else.
SECOND_TYPING_PERCENT = env.int("TASUKI_SECOND_TYPING_PERCENT", default=5)
# Which of the three boxes for additions a 罹災証明書 has: members; the house (such as 床上浸水); anything else.
RISAI_BOXES = env.list("TASUKI_RISAI_BOXES", default=["members", "house", "others"])

OUTER_ROOMS = ["backend.core", "backend.gateway"]
INNER_ROOMS = [
    "backend.accounts",
    "backend.facilities",
    "backend.characters",
    "backend.registry",
    "backend.ledger",
    "backend.journal",
    "backend.documents",
    "backend.shelters",
    "backend.supplies",
    "backend.damage",
    "backend.publication",
    "backend.desk",
]
INSTALLED_APPS = ["django.contrib.staticfiles", "django_htmx", "csp", *OUTER_ROOMS]
if INSIDE:
    INSTALLED_APPS = [
        "backend.accounts.admin_site.TasukiAdminConfig",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.messages",
        "axes",
        "rest_framework",
        "drf_spectacular",
        "import_export",
        "django_tasks",
        "django_tasks_db",
        *INSTALLED_APPS,
        *INNER_ROOMS,
    ]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
if INSIDE:
    MIDDLEWARE[3:3] = ["django.contrib.sessions.middleware.SessionMiddleware"]
    MIDDLEWARE += [
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
        "backend.accounts.middleware.StaffOnlyMiddleware",
        "axes.middleware.AxesMiddleware",
    ]

ROOT_URLCONF = "backend.urls"
WSGI_APPLICATION = "backend.wsgi.application"
CONTEXT_PROCESSORS = ["django.template.context_processors.request", "backend.core.context.installation"]
if INSIDE:
    CONTEXT_PROCESSORS += [
        "django.contrib.auth.context_processors.auth",
        "django.contrib.messages.context_processors.messages",
        "backend.accounts.context.navigation",
        "backend.desk.context.working_on",
    ]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "frontend" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    }
]

DATABASE_URL = env.str("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'tasuki.sqlite3'}")


def database(url: str) -> dict:
    """The Django settings of one database; SQLite is told to wait for locks and to keep what it has confirmed."""
    config = environ.Env.db_url_config(url)
    if config["ENGINE"] == "django.db.backends.sqlite3":
        config["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: a shelter's laptop forgets that an entry waits once it was answered for, so what is answered must be on
            # the disk, also when the power goes in the next moment. In a log, NORMAL would sync only when it is folded in.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;",
        }
    else:
        # To connect anew for every request takes longer than most of them.
        config["CONN_MAX_AGE"] = env.int("TASUKI_DATABASE_KEEP_SECONDS", default=60)
        config["CONN_HEALTH_CHECKS"] = True
        # Compiling a statement takes longer than any of ours runs.
        config.setdefault("OPTIONS", {})["options"] = "-c jit=off"
    return config


# `log` is the same database over a connection of its own: what the access log has written stays, whatever happens
# to the request's own transaction.
DATABASES = {"default": database(DATABASE_URL)}
if INSIDE:
    DATABASES["log"] = database(DATABASE_URL) | {"TEST": {"MIRROR": "default"}}
# Tests write it through `default`, so that it is rolled back with them.
ACCESS_LOG_ALIAS = env.str("TASUKI_ACCESS_LOG_ALIAS", default="log")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

if INSIDE:
    AUTH_USER_MODEL = "accounts.Staff"
    AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
    AUTH_PASSWORD_VALIDATORS = [
        {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
        {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
        {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    ]
    LOGIN_URL = "accounts:login"
    LOGIN_REDIRECT_URL = "desk:home"
    LOGOUT_REDIRECT_URL = "accounts:login"
    AXES_FAILURE_LIMIT = 8
    AXES_COOLOFF_TIME = 0.25  # hours
    AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
    AXES_LOCKOUT_TEMPLATE = "accounts/locked.html"
    AXES_VERBOSE = False
    AXES_RESET_ON_SUCCESS = True
    IMPORT_EXPORT_ESCAPE_FORMULAE_ON_EXPORT = True
    TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}
    SESSION_COOKIE_AGE = 60 * 60 * 10
    SESSION_EXPIRE_AT_BROWSER_CLOSE = True
    SESSION_COOKIE_SAMESITE = "Strict"
    SESSION_COOKIE_SECURE = env.bool("TASUKI_HTTPS", default=not DEMO)
    CSRF_COOKIE_SECURE = SESSION_COOKIE_SECURE
    REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
        "DEFAULT_PERMISSION_CLASSES": ["backend.accounts.permissions.ClosedByDefault"],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
        "EXCEPTION_HANDLER": "backend.core.errors.api_exception_handler",
        "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
    }
    SPECTACULAR_SETTINGS = {
        "TITLE": "Tasuki 被災者支援台帳 API",
        "VERSION": "1",
        "SERVE_INCLUDE_SCHEMA": False,
        "SERVE_PERMISSIONS": ["backend.accounts.permissions.ClosedByDefault"],
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_NAME_OVERRIDES": {},
    }

LANGUAGE_CODE = "ja"
TIME_ZONE = "Asia/Tokyo"
USE_TZ = True
USE_I18N = True
FORMAT_MODULE_PATH = None

STATIC_URL = "static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "frontend" / "static"]
WHITENOISE_USE_FINDERS = True  # no collectstatic needed to start
warnings.filterwarnings("ignore", "No directory at")  # so that folder need not be there, which is nobody's concern
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None

SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF],
    },
    # Django's admin is the one page set that is not ours.
    "EXCLUDE_URL_PREFIXES": ("/admin/",),
}

# Nothing personal reaches a log: no request bodies, no SQL parameters; only what a line of ours says.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "backend.core.logs.Nameless", "format": "%(asctime)s %(levelname)s %(name)s %(message)s"}
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        # A line of a 404 would write down the token of a certificate.
        "django.request": {"level": "ERROR"},
        "axes": {"level": "CRITICAL"},
    },
}
