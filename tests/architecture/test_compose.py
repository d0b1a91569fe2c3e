"""What docker-compose.yml promises: two roles that share nothing, health checks, pinned versions, no secrets."""

from __future__ import annotations

import re
import tomllib

import pytest
import yaml

from .house import ROOT
from .test_settings import COMPOSE_ONLY, OF_THE_IMAGE, sample

TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(TEXT)
SERVICES = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
SET_HERE = {"TASUKI_ROLE", "DATABASE_URL", "TASUKI_DATA_DIR", "DEBUG"}
# Of the public's pages; what inside is behind is not asked.
OUTSIDE_ONLY = {"TASUKI_PROXIES"}
PINNED = re.compile(r":\d+\.\d+(\.\d+)?(-[a-z.]+)*$")


def mounts(name: str) -> set[str]:
    return {volume.split(":")[0] for volume in SERVICES[name].get("volumes", [])}


def test_services_are_the_two_roles_the_worker_and_the_database():
    assert set(SERVICES) == {"web", "worker", "outside", "db"}
    assert SERVICES["web"]["environment"]["TASUKI_ROLE"] == "inside"
    assert SERVICES["outside"]["environment"]["TASUKI_ROLE"] == "outside"


def test_outside_shares_no_database_no_network_and_no_volume_with_inside():
    outside = SERVICES["outside"]
    assert outside["environment"]["DATABASE_URL"].startswith("sqlite:")
    assert "POSTGRES_PASSWORD" not in str(outside)
    assert "depends_on" not in outside
    for inner in ("web", "worker", "db"):
        assert not set(outside["networks"]) & set(SERVICES[inner]["networks"])
        assert not mounts("outside") & mounts(inner)


def test_roles_have_keys_of_their_own():
    keys = [SERVICES[name]["environment"]["SECRET_KEY"] for name in ("web", "outside")]
    assert len({key.split(":")[0] for key in keys}) == 2


def test_the_database_is_reachable_from_inside_only():
    assert COMPOSE["networks"]["closed"]["internal"] is True
    assert SERVICES["db"]["networks"] == ["closed"]
    assert "ports" not in SERVICES["db"]


@pytest.mark.parametrize("name", ["web", "outside"])
def test_an_application_is_healthy_when_it_is_ready(name):
    assert "/readyz" in str(SERVICES[name]["healthcheck"]["test"])


def test_the_worker_is_the_web_role_without_a_door():
    web, worker = SERVICES["web"], SERVICES["worker"]
    assert worker["environment"] == web["environment"]
    assert mounts("worker") == mounts("web")
    assert worker["command"] == ["tasuki", "worker"]
    assert worker["networks"] == ["closed"]
    assert "ports" not in worker
    assert "worker" in worker["healthcheck"]["test"]


def test_the_database_is_healthy_when_it_answers():
    assert "pg_isready" in SERVICES["db"]["healthcheck"]["test"]
    assert SERVICES["web"]["depends_on"]["db"]["condition"] == "service_healthy"


def test_what_must_last_is_in_named_volumes():
    named = set(COMPOSE["volumes"])
    assert {source for name in SERVICES for source in mounts(name)} == named
    assert mounts("db") == {"inside-db"}


def test_images_are_pinned():
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)
    images = [service["image"] for service in SERVICES.values()] + bases
    assert [image for image in images if not PINNED.search(image)] == []


def test_the_image_bears_the_version_of_the_project():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]
    assert SERVICES["web"]["image"] == SERVICES["outside"]["image"] == f"tasuki:{version}"


def test_secrets_are_asked_for_and_have_no_default():
    secrets = re.findall(r"\$\{(\w*(?:PASSWORD|SECRET)\w*)(:?[?-]?)", TEXT)
    assert secrets
    assert {mark for _, mark in secrets} == {":?"}
    for service in SERVICES.values():
        for name, value in service["environment"].items():
            if re.search("PASSWORD|SECRET", name):
                assert str(value).startswith("${")


def test_every_variable_is_described_in_the_sample():
    assert set(re.findall(r"\$\{(\w+)", TEXT)) - set(sample()) == set()


def test_every_line_of_the_sample_reaches_the_role_it_concerns():
    for service in ("web", "worker", "outside"):
        assert set(SERVICES[service]["environment"]) >= SET_HERE
    inside, outside = SERVICES["web"]["environment"], SERVICES["outside"]["environment"]
    for name in set(sample()) - SET_HERE - COMPOSE_ONLY:
        role = outside if name in OUTSIDE_ONLY else inside
        assert role[name].startswith(f"${{{name}:"), name
    assert {name for name in COMPOSE_ONLY if f"${{{name}:?" not in str(SERVICES)} == set()


def test_processes_and_threads_are_what_the_image_reads():
    assert {name for name in OF_THE_IMAGE if f"${{{name}:-" in DOCKERFILE} == OF_THE_IMAGE


def test_a_resident_is_told_from_the_next_one_behind_the_proxy_in_front():
    outside = SERVICES["outside"]
    assert all(port.startswith("127.0.0.1:") for port in outside["ports"])
    assert outside["environment"]["TASUKI_PROXIES"] == "${TASUKI_PROXIES:-1}"
    assert sample()["TASUKI_PROXIES"] == ""


def test_the_image_keeps_no_tool_of_developers():
    dev = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]["dev"]
    tools = {re.match(r"[\w-]+", name)[0] for name in dev} - {"tasuki"}
    removed = re.findall(r"uninstall --yes --quiet ((?:[\w\s-]|\\\n)+)", DOCKERFILE)
    assert tools - set(" ".join(removed).replace("\\", " ").split()) == set()


def test_the_image_installs_by_hash_and_runs_as_nobody_special():
    assert "--require-hashes -r requirements.lock" in DOCKERFILE
    last_user = re.findall(r"^USER (\S+)", DOCKERFILE, flags=re.MULTILINE)[-1]
    assert last_user not in {"root", "0"}
    assert "gunicorn" in DOCKERFILE
    assert "fonts-" in DOCKERFILE
