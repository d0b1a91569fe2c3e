"""The laptop's settings: those of the server, with fewer rooms and an encrypted database in the laptop's own folder.

What it knows of its municipality stands in laptop.json since it joined; nothing is read from the server's environment.
"""

import os
import secrets

from . import home

_KNOWN = home.read()
os.environ["TASUKI_ROLE"] = "inside"
os.environ["TASUKI_HTTPS"] = "false"  # at 127.0.0.1; cookies of devices are made secure by share.gate
os.environ["TASUKI_DATA_DIR"] = str(home.folder())
os.environ["TASUKI_MUNICIPALITY"] = _KNOWN.get("municipality_name", "")
os.environ["TASUKI_MUNICIPALITY_CODE"] = _KNOWN.get("municipality", "")
os.environ["DATABASE_URL"] = "sqlite:///:memory:"
os.environ["ALLOWED_HOSTS"] = "127.0.0.1,localhost"
os.environ["DEBUG"] = "false"
# Of sessions only: whoever restarts the laptop signs in again.
os.environ["SECRET_KEY"] = secrets.token_urlsafe(48)

from backend.settings import *  # noqa: E402, F403
from backend.settings import BASE_DIR, CONTEXT_PROCESSORS, MIDDLEWARE, TEMPLATES  # noqa: E402

LAPTOP = True
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "csp",
    "backend.core",
    "backend.accounts",
    "backend.facilities",
    "backend.characters",
    "backend.ledger",
    "backend.journal",
    "backend.shelters",
    "backend.supplies",
    "offline_client",
]
_NOT_HERE = {"axes.middleware.AxesMiddleware"}
MIDDLEWARE = [
    "offline_client.share.gate.ShareMiddleware",
    "offline_client.locking.LockMiddleware",
    *(name for name in MIDDLEWARE if name not in _NOT_HERE),
]
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "offline_client.urls"
WSGI_APPLICATION = None
CONTEXT_PROCESSORS = [name for name in CONTEXT_PROCESSORS if not name.startswith("backend.desk.")]
TEMPLATES[0]["DIRS"] = [BASE_DIR / "frontend" / "templates"]
TEMPLATES[0]["OPTIONS"] = {"context_processors": CONTEXT_PROCESSORS}
LOGIN_REDIRECT_URL = "shelters:index"
SESSION_COOKIE_NAME = "tasuki_shelter"
CSRF_COOKIE_NAME = "tasuki_shelter_csrf"
CSRF_FAILURE_VIEW = "offline_client.views.csrf_failed"


def _database() -> dict:
    return {
        "ENGINE": "offline_client.cipher",
        "NAME": str(home.database()),
        "CONN_MAX_AGE": None,  # until it is locked: cipher.resting
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            # FULL: what a screen confirms is on the disk, also when the battery dies in the next moment.
            # What is committed is in the log; `serve` folds the log into the file, so that nobody at the door waits for it.
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
            " PRAGMA wal_autocheckpoint=8000;",
        },
    }


# `log` is the same database over a connection of its own, as on the server.
DATABASES = {"default": _database(), "log": _database() | {"TEST": {"MIRROR": "default"}}}
ACCESS_LOG_ALIAS = "log"
