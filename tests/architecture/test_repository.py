"""The repository as a reader finds it: no addresses, no traces of a machine, and documents that say what is so."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path
from urllib.parse import unquote

import pytest
from django.core.management import get_commands, load_command_class

from .house import ROOT, files, texts

# Put together here, so that this file is not what it looks for.
MACHINE = re.compile("|".join(["/" + "work/", "/" + "root/", "/tmp/" + "brief", "/home/" + r"[a-z]+/", "/Users" + "/"]))
FOREIGN_LOCKS = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}
LINK = re.compile(r"(?<!\\)\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)")
DOCUMENTS = sorted(str(path.relative_to(ROOT)) for path in files() if path.suffix == ".md")


def without_code(text: str) -> str:
    return re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL)


def commands(text: str) -> list[list[str]]:
    """Command lines of the shell blocks and of `inline code` that begin with make or tasuki."""
    blocks = re.findall(r"```(?:sh|bash|console|text)?\n(.*?)```", text, flags=re.DOTALL)
    lines = [line for block in blocks for line in block.replace("\\\n", " ").splitlines()]
    lines += re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    found = []
    for line in lines:
        line = re.sub(r"^\s*\$\s*|\s+#.*$", "", line).strip()
        line = re.sub(r"^(?:[A-Z_]+=\S+\s+)+", "", line).replace(".venv/bin/", "")
        if re.match(r"(make|tasuki) [a-z]", line):
            found.append(shlex.split(line.replace("…", "")))
    return found


def slug(heading: str) -> str:
    """A heading's anchor, as code hosts make it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower().replace("`", "")).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    return {slug(line.lstrip("#")) for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("#")}


def test_locks_hold_no_addresses():
    locks = [
        path for path in files() if path.suffix == ".lock" or path.name.startswith(("requirements", "constraints"))
    ]
    assert [path.name for path in locks if "://" in path.read_text(encoding="utf-8")] == []
    assert [path.name for path in files() if path.name in FOREIGN_LOCKS] == []


def test_the_lock_holds_a_hash_for_every_package():
    entries = re.split(r"\n(?=\S)", (ROOT / "requirements.lock").read_text(encoding="utf-8").strip())
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_dependency_is_locked_and_psycopg_3_is_not_among_them():
    """Django would take psycopg 3 without a word if anything pulled it in (docs/decisions/0006-psycopg2.md)."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + [name for extra in project["optional-dependencies"].values() for name in extra]
    names = {re.split(r"[\[<>=~ ;]", name)[0].lower().replace("_", "-") for name in wanted} - {"tasuki"}
    locked = set(re.findall(r"^([\w.-]+)==", (ROOT / "requirements.lock").read_text("utf-8").lower(), re.MULTILINE))
    assert names - locked == set()
    assert not locked & {"psycopg", "psycopg-binary", "psycopg-pool"}


def test_no_file_names_a_place_on_somebodys_machine():
    assert [path for path, text in texts() if MACHINE.search(text)] == []


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_of_a_document_lead_somewhere(document):
    here = ROOT / document
    broken = []
    for target in LINK.findall(without_code(here.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = unquote(target).partition("#")
        place = (here.parent / name).resolve() if name else here
        if not place.exists() or (anchor and place.suffix == ".md" and anchor not in anchors(place)):
            broken.append(target)
    assert broken == []


@pytest.mark.parametrize("document", [name for name in DOCUMENTS if not name.startswith("CHANGELOG")])
def test_commands_in_a_document_exist(document):
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    known = {**get_commands(), "help": None}
    wrong = []
    for program, name, *words in commands((ROOT / document).read_text(encoding="utf-8")):
        if program == "make":
            wrong += [] if name in targets else [f"make {name}"]
            continue
        if name not in known:
            wrong.append(f"tasuki {name}")
            continue
        if name == "help":
            continue
        parser = load_command_class(known[name], name).create_parser("tasuki", name)
        options = {option for action in parser._actions for option in action.option_strings}
        asked = [word.strip("[]").split("=")[0] for word in words if word.strip("[]").startswith("-")]
        wrong += [f"tasuki {name} {option}" for option in asked if option not in options]
    assert wrong == []


def test_every_document_can_be_reached_from_the_readme():
    found, open_ends = set(), ["README.md"]
    while open_ends:
        document = open_ends.pop()
        if document in found:
            continue
        found.add(document)
        text = without_code((ROOT / document).read_text(encoding="utf-8"))
        places = [
            ((ROOT / document).parent / unquote(target).partition("#")[0]).resolve() for target in LINK.findall(text)
        ]
        inside = [str(place.relative_to(ROOT)) for place in places if place.suffix == ".md" and ROOT in place.parents]
        open_ends += [name for name in inside if (ROOT / name).is_file()]
    ours = {name for name in DOCUMENTS if name.startswith("docs/") and not name.startswith("docs/measured/")}
    assert ours - found == set()


def test_both_readmes_begin_with_the_two_commands_and_the_picture():
    for name in ("README.md", "README.ja.md"):
        first_screen = "\n".join((ROOT / name).read_text(encoding="utf-8").splitlines()[:45])
        for needed in ("make run", "make test", "docs/pictures/household.png", "tasuki-demo-2026"):
            assert needed in first_screen, f"{needed} is not on the first screen of {name}"


def test_the_changelog_is_about_this_version():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]
    headings = re.findall(r"^## \[?([^\]\s]+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert next(heading for heading in headings if heading != "Unreleased") == version


def test_a_command_line_is_found():
    text = "```sh\n$ make run PORT=9000   # serve\n.venv/bin/tasuki migrate --noinput\n```\nor `tasuki check`"
    assert commands(text) == [["make", "run", "PORT=9000"], ["tasuki", "migrate", "--noinput"], ["tasuki", "check"]]
