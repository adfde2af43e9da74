"""Arrays are read by one thread at a time, since Python's parser of their headers is not safe."""

import threading
import time

import numpy as np
import pytest

from deepresolve_dash.runs.arrays import read_array, read_arrays


@pytest.fixture
def file(tmp_path):
    np.savez(tmp_path / "two.npz", a=np.arange(3), b=np.ones((2, 2)))
    return tmp_path / "two.npz"


def test_arrays_come_back_whole(file, tmp_path):
    found = read_arrays(file)
    assert found.keys() == {"a", "b"}
    assert found["a"].tolist() == [0, 1, 2]
    np.save(tmp_path / "one.npy", found["b"])
    assert read_array(tmp_path / "one.npy").tolist() == [[1, 1], [1, 1]]


def test_nothing_pickled_is_read(tmp_path):
    np.savez(tmp_path / "bad.npz", a=np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="allow_pickle"):
        read_arrays(tmp_path / "bad.npz")


def test_no_two_threads_parse_headers_at_the_same_time(file, monkeypatch):
    inside, most = [], []
    parse = np.lib.format.read_array

    def slow(*args, **kwargs):
        inside.append(1)
        most.append(len(inside))
        time.sleep(0.005)
        inside.pop()
        return parse(*args, **kwargs)

    monkeypatch.setattr("numpy.lib._npyio_impl.format.read_array", slow)
    readers = [threading.Thread(target=read_arrays, args=(file,)) for _ in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert len(most) == 8
    assert max(most) == 1
