import pickle
import sqlite3
import stat
from contextlib import closing

import diskcache
import pytest

from deepresolve_dash.runs.blobs import open_blobs


@pytest.mark.parametrize("size", [3, 200_000])
def test_bytes_come_back_from_database_and_file(tmp_path, size):
    with open_blobs(tmp_path / "blobs", 10) as blobs:
        blobs.set("key", b"x" * size)
        assert blobs.get("key") == b"x" * size
        assert list(blobs) == ["key"]


@pytest.mark.parametrize("value", ["text", 3, {"a": 1}, None])
def test_nothing_but_bytes_is_kept(tmp_path, value):
    with open_blobs(tmp_path / "blobs", 10) as blobs, pytest.raises(TypeError):
        blobs.set("key", value)


def test_a_key_is_text(tmp_path):
    with open_blobs(tmp_path / "blobs", 10) as blobs, pytest.raises(TypeError):
        blobs.set(("a", 1), b"x")


class Trap:
    sprung = False

    def __reduce__(self):
        return (setattr, (Trap, "sprung", True))


def test_a_pickle_that_somebody_planted_is_not_opened(tmp_path):
    folder = tmp_path / "blobs"
    with diskcache.Cache(str(folder)) as planted:
        planted.set("key", {"a": 1})
    with closing(sqlite3.connect(folder / "cache.db")) as database, database:
        database.execute("UPDATE Cache SET value = ?", (pickle.dumps(Trap()),))
    with open_blobs(folder, 10) as blobs, pytest.raises(TypeError):
        blobs.get("key")
    assert not Trap.sprung


def test_the_folder_is_private_and_the_size_is_limited(tmp_path):
    folder = tmp_path / "blobs"
    folder.mkdir(mode=0o755)
    with open_blobs(folder, 1) as blobs:
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        for i in range(40):
            blobs.set(str(i), bytes(100_000))
        blobs.cull()
        assert blobs.volume() <= 1.1 * 2**20
