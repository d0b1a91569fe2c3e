"""Django's SQLite backend over SQLCipher: the same code, run once more with the encrypting driver in place of `sqlite3`.

It leans on how Django's module is written, so Django's version is bounded and tests/sync/test_cipher.py watches it.
"""

from __future__ import annotations

import importlib.util
import sys
from types import ModuleType
from typing import Any

import sqlcipher3
from django.db.backends.sqlite3 import base as plain
from sqlcipher3 import dbapi2

from offline_client import keyring

_NAMES = {"sqlite3": sqlcipher3, "sqlite3.dbapi2": dbapi2}


def _again() -> ModuleType:
    name = "django.db.backends.sqlite3._cipher_base"
    spec = importlib.util.spec_from_file_location(name, plain.__file__)
    if spec is None or spec.loader is None:
        raise ImportError(plain.__file__)
    module = importlib.util.module_from_spec(spec)
    before = {key: sys.modules.get(key) for key in _NAMES}
    sys.modules.update(_NAMES)
    try:
        spec.loader.exec_module(module)
    finally:
        sys.modules.update({key: value for key, value in before.items() if value is not None})
    return module


_base = _again()


class KeyedConnection(dbapi2.Connection):  # type: ignore[misc,name-defined]
    """A connection that says its key before anything else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.execute(keyring.pragma(keyring.key()))


class DatabaseWrapper(_base.DatabaseWrapper):  # type: ignore[misc,name-defined]
    display_name = "SQLCipher"

    def get_connection_params(self) -> dict[str, Any]:
        return {**super().get_connection_params(), "factory": KeyedConnection}

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        self.generation = keyring.generation()
        return super().get_new_connection(conn_params)
