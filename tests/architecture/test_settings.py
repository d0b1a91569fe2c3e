"""`.env.sample` and backend/settings.py name the same settings."""

from __future__ import annotations

import ast
import re
import runpy

import pytest
from django.core.exceptions import ImproperlyConfigured

from .house import BACKEND, ROOT

COMPOSE_ONLY = {"POSTGRES_PASSWORD", "OUTSIDE_SECRET_KEY", "OUTSIDE_ALLOWED_HOSTS"}
OF_THE_IMAGE = {"WEB_WORKERS", "WEB_THREADS"}


def read_names(source: str) -> set[str]:
    """The names that `env("X")` and `env.kind("X")` ask for."""
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and node.args)
    return {
        call.args[0].value
        for call in calls
        if re.fullmatch(r"env(\.\w+)?", ast.unparse(call.func)) and isinstance(call.args[0], ast.Constant)
    }


def sample() -> dict[str, str]:
    lines = (ROOT / ".env.sample").read_text(encoding="utf-8").splitlines()
    return dict(re.match(r"([A-Z_]+)=(.*)", line).groups() for line in lines if line and not line.startswith("#"))


def test_the_sample_lists_every_setting_that_is_read_and_no_other():
    read = read_names((BACKEND / "settings.py").read_text(encoding="utf-8"))
    assert set(sample()) - COMPOSE_ONLY - OF_THE_IMAGE == read


def loaded(monkeypatch: pytest.MonkeyPatch, given: dict[str, str]) -> dict[str, object]:
    """What backend/settings.py makes of an environment in which nothing of ours stands but `given`."""
    for name in sample():
        monkeypatch.delenv(name, raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    found = runpy.run_path(str(BACKEND / "settings.py"))
    return {name: value for name, value in found.items() if name.isupper()}


@pytest.mark.parametrize("nothing", ["", " "])
def test_a_name_without_a_value_is_the_default(monkeypatch, nothing):
    empty = loaded(monkeypatch, dict.fromkeys(sample(), nothing))
    assert empty == loaded(monkeypatch, {})
    assert empty["ROLE"] == "demo"
    assert empty["DATA_DIR"] == ROOT / "var"
    assert empty["ENVELOPE_WINDOW"] == {"left": 22.0, "top": 20.0, "width": 80.0, "height": 38.0}


def test_without_a_value_cookies_of_a_real_installation_stay_secure(monkeypatch):
    real = loaded(monkeypatch, {"TASUKI_ROLE": "inside", "SECRET_KEY": "x" * 50, "TASUKI_HTTPS": ""})
    assert (real["SESSION_COOKIE_SECURE"], real["CSRF_COOKIE_SECURE"]) == (True, True)


def test_the_sample_asks_for_a_key_and_then_says_the_defaults(monkeypatch):
    """Whoever fills it in for real people must not find themselves in the demo."""
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY"):
        loaded(monkeypatch, sample())
    key = {"SECRET_KEY": "x" * 50}
    assert loaded(monkeypatch, sample() | key) == loaded(monkeypatch, {"TASUKI_ROLE": "inside"} | key)


def test_names_for_compose_only_are_used_there():
    compose = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
    assert {name for name in COMPOSE_ONLY if f"${{{name}:?" in compose} == COMPOSE_ONLY


def test_the_sample_holds_no_secret():
    assert [name for name, value in sample().items() if value and ("KEY" in name or "PASSWORD" in name)] == []


def test_the_environment_is_read_in_one_place():
    # The demo prepares the process that it starts; a password is no setting and is given to one command only.
    exempt = {"settings.py", "__main__.py", "wsgi.py", "demo.py", "create_staff.py"}
    asking = re.compile(r"os\.(environ|getenv)|environ\.Env\(")
    elsewhere = [path for path in BACKEND.rglob("*.py") if asking.search(path.read_text(encoding="utf-8"))]
    assert [str(path.relative_to(ROOT)) for path in elsewhere if path.name not in exempt] == []


def test_a_new_setting_would_be_noticed():
    assert read_names('A = env.str("NEW", default=1)\nB = env("OTHER")\nC = other("NO")') == {"NEW", "OTHER"}
