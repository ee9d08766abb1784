"""Generations that are read are kept; those that nobody reads can go."""

import errno
import fcntl

import pytest

from search.disk.leases import Lease, is_held
from search.disk.manifest import MANIFEST


@pytest.fixture
def generation(tmp_path):
    folder = tmp_path / "3"
    folder.mkdir()
    (folder / MANIFEST).write_text("{}")
    return folder


def test_a_generation_is_held_until_every_reader_has_released_it(generation):
    assert not is_held(generation)
    first, second = Lease(generation, 3), Lease(generation, 3)
    assert is_held(generation)
    first.release()
    assert is_held(generation)
    second.release()
    second.release()
    assert not is_held(generation)


def test_a_generation_that_is_not_there_cannot_be_held(generation):
    assert not is_held(generation / "none")
    with pytest.raises(FileNotFoundError):
        Lease(generation / "none", 4)


@pytest.mark.parametrize("replaced", [False, True])
def test_one_that_is_swept_while_it_is_being_taken_is_not_taken(generation, monkeypatch, replaced):
    lock = fcntl.flock

    def swept(file, how):
        (generation / MANIFEST).unlink()
        if replaced:
            (generation / MANIFEST).write_text("{}")
        lock(file, how)

    monkeypatch.setattr(fcntl, "flock", swept)
    with pytest.raises(FileNotFoundError):
        Lease(generation, 3)


def test_on_a_file_system_without_locks_it_is_read_all_the_same(generation, monkeypatch):
    def none(_file, _how):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", none)
    lease = Lease(generation, 3)
    assert not is_held(generation)
    lease.release()
