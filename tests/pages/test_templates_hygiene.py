"""What must hold in every template and asset, read as files: the strict content policy, no foreign host, one look."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

FRONTEND = Path(__file__).resolve().parents[2] / "frontend"
TEMPLATES = FRONTEND / "templates"
STATIC = FRONTEND / "static"

FORBIDDEN_WORDS = ["り災世帯", "要援護者"]  # docs/glossary.md: 台帳世帯, 要配慮者
DJANGO = re.compile(r"{#.*?#}|{% comment.*?endcomment %}", re.DOTALL)


def name_of(path: Path) -> str:
    return path.relative_to(FRONTEND).as_posix()


ALL = sorted(TEMPLATES.rglob("*.html"))
COMPONENTS = [path for path in ALL if path.parent.name == "components"]
ASSETS = sorted([*STATIC.rglob("*.css"), *STATIC.rglob("*.js"), *STATIC.rglob("*.svg")])

every_template = pytest.mark.parametrize("path", ALL, ids=name_of)
every_component = pytest.mark.parametrize("path", COMPONENTS, ids=name_of)


def html(path: Path) -> str:
    return DJANGO.sub("", path.read_text(encoding="utf-8"))


def is_part(path: Path) -> bool:
    """Components and files whose name begins with an underscore are parts of pages."""
    return path.parent.name == "components" or path.name.startswith("_")


@every_template
def test_no_inline_script_or_style(path: Path) -> None:
    text = html(path)
    assert not re.search(r"<style\b", text, re.IGNORECASE)
    assert not re.search(r"\sstyle\s*=", text, re.IGNORECASE)
    assert not re.search(r"\s(?:on[a-z]+|hx-on[:a-z-]*)\s*=", text, re.IGNORECASE)
    assert "javascript:" not in text.lower()
    for tag in re.findall(r"<script\b[^>]*>", text, re.IGNORECASE):
        assert " src=" in tag, tag


@pytest.mark.parametrize("path", [*ALL, *ASSETS], ids=name_of)
def test_no_foreign_host(path: Path) -> None:
    text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
    if path.suffix == ".js" and "vendor" in path.parts:  # unchanged, with the addresses in its comments
        text = re.sub(r"(?<!:)//.*|/\*.*?\*/", "", text)
    assert not re.search(r"https?://(?!\*|{{)", text)
    assert not re.search(r"""(?:src|href|action|url\()\s*=?\s*["']?//""", text)


@every_template
def test_every_picture_says_what_it_shows(path: Path) -> None:
    for tag in re.findall(r"<img\b[^>]*>", html(path), re.IGNORECASE):
        assert " alt=" in tag, tag


@every_template
def test_every_post_carries_the_csrf_token(path: Path) -> None:
    if path.parent == TEMPLATES / "gateway" / "apply":
        return  # nobody is signed in outside, and no cookie is set there
    for form in re.findall(r'<form\b[^>]*method="[^"]*post[^>]*>.*?</form>', html(path), re.IGNORECASE | re.DOTALL):
        assert "{% csrf_token %}" in form, form[:120]


@every_template
def test_words_of_the_glossary(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not [word for word in FORBIDDEN_WORDS if word in text]


@every_template
def test_every_page_extends_a_layout(path: Path) -> None:
    if is_part(path) or path.parent.name == "layout":
        return
    seen = path
    while match := re.search(r'{% extends "([^"]+)" %}', seen.read_text(encoding="utf-8")):
        if match[1].startswith(("layout/", "admin/")):
            assert match[1].startswith("admin/") or (TEMPLATES / match[1]).is_file()
            return
        seen = TEMPLATES / match[1]
    pytest.fail(f"{name_of(seen)} extends no layout and is no component or _part")


@every_template
def test_included_parts_exist(path: Path) -> None:
    for target in re.findall(r'{% include "([^"]+)"', html(path)):
        assert (TEMPLATES / target).is_file(), target


@every_template
def test_ids_are_written_once(path: Path) -> None:
    ids = re.findall(r'\sid="([^"{]+)"', html(path))
    assert len(ids) == len(set(ids))


@every_component
def test_every_component_says_what_it_takes(path: Path) -> None:
    assert path.read_text(encoding="utf-8").startswith("{# " + path.stem + ":")


@every_component
def test_every_component_is_in_the_gallery(path: Path) -> None:
    shown = [TEMPLATES / "core" / "gallery.html", TEMPLATES / "layout" / "base.html"]
    found: set[str] = set()
    while shown:
        for name in re.findall(r'{% include "components/([^"]+)"', html(shown.pop())):
            if name not in found:
                found.add(name)
                shown.append(TEMPLATES / "components" / name)
    assert path.name in found


@every_component
def test_every_component_is_in_the_developers_page(path: Path) -> None:
    assert f"`{path.stem}`" in (FRONTEND / "README.md").read_text(encoding="utf-8")


def test_a_public_page_leaves_room_for_its_text() -> None:
    """A public page is at most 30 kB whole: the styles take no more than 24."""
    styles = ["vendor/digital-go-jp/tokens.css", "css/base.css", "css/public.css"]
    assert sum((STATIC / style).stat().st_size for style in styles) <= 24_000


def test_classes_used_in_components_have_a_style() -> None:
    css = "".join(path.read_text(encoding="utf-8") for path in (STATIC / "css").glob("*.css"))
    used: set[str] = set()
    for path in [*COMPONENTS, *(TEMPLATES / "layout").glob("*.html")]:
        plain = re.sub(r"{{.*?}}", "*", re.sub(r"{%.*?%}", " ", html(path)))
        for value in re.findall(r'class="([^"]*)"', plain):
            used.update(name for name in value.split() if "*" not in name)
    unstyled = sorted(name for name in used if f".{name}" not in css)
    assert not unstyled
