"""Server and laptop in one process, for the histories: both rooms' tables, no database until the world gives one."""

import os

os.environ["TASUKI_ROLE"] = "demo"
os.environ["TASUKI_ACCESS_LOG_ALIAS"] = "default"
os.environ["DATABASE_URL"] = "sqlite:///:memory:"

from backend.settings import *  # noqa: F403
from backend.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "offline_client"]
