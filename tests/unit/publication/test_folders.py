"""The folder is renewed as a whole or not at all."""

import ctypes

import pytest

from backend.core.errors import Refused
from backend.publication import folders
from backend.publication.folders import Draft

OLD, NEW = {"index.html": b"old", "open/a.csv": b"old"}, {"index.html": b"new", "shelters/index.html": b"new"}


def put(files, to):
    with Draft(files, to) as draft:
        draft.put()


def put_and_stop(to):
    with Draft(NEW, to) as draft:
        draft.put()
        assert content(to) == NEW
        raise KeyboardInterrupt


def content(folder):
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(params=["one step", "three steps"])
def system(request, monkeypatch):
    if request.param == "three steps":
        monkeypatch.setattr(ctypes, "CDLL", lambda *_, **__: object())


def test_the_new_folder_takes_the_place_of_the_old_and_nothing_is_left(system, tmp_path):
    to = tmp_path / "site"
    put(OLD, to)
    put(NEW, to)
    assert content(to) == NEW
    assert [path.name for path in tmp_path.iterdir()] == ["site"]
    assert to.stat().st_mode & 0o777 == 0o755


def test_stopped_after_the_exchange_the_old_one_is_back(system, tmp_path):
    to = tmp_path / "site"
    put(OLD, to)
    with pytest.raises(KeyboardInterrupt):
        put_and_stop(to)
    assert content(to) == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_stopped_at_the_first_time_nothing_is_there(tmp_path):
    with pytest.raises(KeyboardInterrupt):
        put_and_stop(tmp_path / "site")
    assert list(tmp_path.iterdir()) == []


def test_stopped_while_writing_leaves_the_old_one_alone(tmp_path, monkeypatch):
    put(OLD, tmp_path / "site")

    def torn(files, folder):
        (folder / "index.html").write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(folders, "_write", torn)
    with pytest.raises(KeyboardInterrupt):
        put(NEW, tmp_path / "site")
    assert content(tmp_path / "site") == OLD
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


def test_a_folder_with_files_of_others_is_not_taken(tmp_path):
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "mother.txt").write_text("keep me")
    with pytest.raises(Refused, match=r"mother\.txt"):
        put(NEW, tmp_path / "letters")
    assert (tmp_path / "letters" / "mother.txt").exists()


def test_a_full_disk_is_a_refusal(tmp_path, monkeypatch):
    put(OLD, tmp_path / "site")

    def full(files, folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folders, "_write", full)
    with pytest.raises(Refused, match="空き容量"):
        put(NEW, tmp_path / "site")
    assert content(tmp_path / "site") == OLD


def test_a_file_or_a_link_to_a_folder(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    put(NEW, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == NEW
    with pytest.raises(Refused, match="フォルダーではありません"):
        put(NEW, tmp_path / "real" / "index.html")
