import os
import subprocess
import sys
from pathlib import Path

import pytest

from deepresolve_dash.motifs import compiled

ROOT = Path(__file__).parents[2]
OTHER = (
    "import sys; from deepresolve_dash.motifs.compiled import _alone\nwith _alone():\n    print(1)"
)


@pytest.fixture
def library(tmp_path, monkeypatch):
    """A library that was never called, in a folder of its own."""
    package = tmp_path / "memelite"
    package.mkdir()
    (package / "__init__.py").write_text(
        "def tomtom(queries, targets):\n    return queries, targets\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "memelite", raising=False)
    monkeypatch.setattr(compiled, "_known", [])
    yield tmp_path
    sys.modules.pop("memelite", None)


def test_only_the_first_call_of_a_process_waits_for_others(library):
    around = os.environ | {"PYTHONPATH": f"{library}:{ROOT}"}
    with compiled._alone():
        other = subprocess.Popen([sys.executable, "-c", OTHER], env=around, stdout=subprocess.PIPE)
        with pytest.raises(subprocess.TimeoutExpired):
            other.communicate(timeout=1)
    assert other.communicate(timeout=20)[0].split() == [b"1"]
    assert compiled.compare([1], [2]) == ([1], [2])
    with compiled._alone():
        assert compiled.compare([3], [4]) == ([3], [4])  # it would wait for ever


def test_a_library_in_a_folder_that_cannot_be_written_is_called_all_the_same(library, monkeypatch):
    def refuse(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(compiled.Path, "open", refuse)
    assert compiled.compare([1], [2]) == ([1], [2])


def test_without_a_folder_to_keep_it_in_it_is_compiled_for_this_process(library, monkeypatch):
    from numba.core import config

    monkeypatch.setattr(config, "CACHE_DIR", "")
    (library / "memelite" / "__init__.py").write_text(
        "from numba import config\n"
        "if not config.CACHE_DIR:\n"
        "    raise RuntimeError('cannot cache function: no locator available')\n"
        "def tomtom(queries, targets):\n    return queries, targets\n"
    )
    assert compiled.compare([1], [2]) == ([1], [2])
    assert Path(vars(config)["CACHE_DIR"]).stat().st_mode & 0o777 == 0o700
