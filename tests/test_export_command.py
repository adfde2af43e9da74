import errno
import os
import resource
import xml.etree.ElementTree as ElementTree
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from deepresolve_dash.commands import export as exporting
from deepresolve_dash.commands import export_views
from deepresolve_dash.commands.export import FORMATS
from deepresolve_dash.errors import RunNotFound
from deepresolve_dash.exports.figures.registry import PANELS
from deepresolve_dash.runs.store import write_run
from tests.commands import call
from tests.generated_runs import tiny_run


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("state") / "runs")


@pytest.fixture
def export(run, tmp_path):
    def called(*options, folder=run.folder):
        return call("export", folder, *options, DRD_STATE=tmp_path / "no-state")

    return called


@contextmanager
def small_disk(n_bytes):
    """No file of this process may become larger; writing says so as a full disk does."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_figures_are_files_of_the_chosen_classes(export, tmp_path):
    done = export("--what", "figures", "--panel", "ofiv", "--panel", "scatter", "--class", "0,1",
                  "--width", "85", "--out", tmp_path / "figures")  # fmt: skip
    assert done.code == 0, done.error
    paths = done.out.split()
    assert len(paths) == 3
    assert [path.rsplit("-", 1)[1] for path in paths] == ["ofiv.svg", "ofiv.svg", "scatter.svg"]
    assert "-class-0-" in paths[0]
    assert sorted(paths) == sorted(str(path) for path in (tmp_path / "figures").iterdir())
    width = ElementTree.parse(paths[0]).getroot().get("width")
    assert float(width.removesuffix("pt")) / 72 * 25.4 == pytest.approx(85, abs=0.01)


def test_rows_and_pictures_are_formats_of_figures(export, run, tmp_path):
    what = "--what", "figures", "--panel", "speaks", "--channel", "3"
    (path,) = export(*what, "--format", "tsv", "--out", tmp_path / "a").out.split()
    assert path.endswith("-channel-3-speaks.tsv")
    assert len(pd.read_csv(path, sep="\t"))
    (path,) = export(*what, "--format", "png", "--dpi", "72", "--out", tmp_path / "b").out.split()
    assert Path(path).read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_drawn_is_said_and_the_rest_is_there(export, tmp_path, monkeypatch):
    def draw(*_):
        raise RunNotFound("This run has no such thing.")

    monkeypatch.setitem(PANELS, "il", replace(PANELS["il"], draw=draw))
    what = "--what", "figures", "--class", "0", "--panel", "il"
    done = export(*what, "--panel", "ofiv", "--out", tmp_path / "f")
    assert done.code == 0
    assert done.error == "il: This run has no such thing.\n"
    assert len(done.out.split()) == 1
    done = export(*what, "--out", tmp_path / "g")
    assert done.code == 2
    assert done.error.endswith("Nothing could be drawn.\n")


def test_a_bundle_from_the_command_line_is_verified(export, tmp_path):
    out = tmp_path / "view.zip"
    done = export("--what", "bundle", "--panel", "il", "--class", "1", "--out", out)
    assert (done.code, done.out) == (0, f"{out}\n")
    assert call("verify", out, DRD_STATE=tmp_path).code == 0


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (("--what", "h5ad", "--format", "svg"), "There is no h5ad as svg."),
        (("--what", "figures", "--panel", "x"), "There is no figure 'x'."),
        (("--what", "figures", "--class", "7"), "no class '7'"),
        (("--what", "figures", "--class", ""), "Give indices"),
        (("--what", "figures", "--panel", "speaks"), "Name it with --channel."),
        (("--what", "figures", "--panel", "speaks", "--channel", "99"), "no channel 99"),
        (("--what", "figures", "--panel", "speaks", "--channel", "a"), "--channel is 'a'"),
        (("--what", "figures", "--panel", "ofiv", "--width", "1"), "1 mm wide"),
        (("--what", "bundle", "--class", "0,1"), "A bundle holds one view."),
    ],
)
def test_a_mistake_is_one_sentence(export, tmp_path, options, says):
    done = export(*options, "--out", tmp_path / "out")
    assert (done.code, done.out) == (2, "")
    assert says in done.error
    assert done.error.count("\n") == 1


def test_a_file_is_no_folder_and_a_folder_no_file(export, tmp_path):
    (tmp_path / "file").write_text("mine")
    assert "is a file" in export("--what", "tables", "--out", tmp_path / "file").error
    assert "is a file" in export("--what", "figures", "--out", tmp_path / "file").error
    for what in ("h5ad", "bundle"):
        assert "is a folder" in export("--what", what, "--out", tmp_path).error
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("what", ["h5ad", "bundle", "tables"])
def test_a_full_disk_leaves_what_was_there_and_nothing_half(export, tmp_path, what):
    out = tmp_path / ("tables" if what == "tables" else "out")
    kept = out / "pairs.tsv" if what == "tables" else out
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"before")
    with small_disk(64):
        done = export("--what", what, "--out", out)
    assert done.code == 2
    assert done.error.count("\n") == 1
    assert os.strerror(errno.EFBIG) in done.error
    assert kept.read_bytes() == b"before"
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]


@pytest.mark.parametrize(
    ("what", "file_format"),
    [("html", "html"), ("tree", "nwk"), *(("figures", one) for one in FORMATS["figures"])],
)
def test_a_full_disk_is_one_sentence_for_views_as_well(export, tmp_path, what, file_format):
    kind = "--what", what, "--format", file_format
    if what == "figures":
        kind += "--panel", "ofiv", "--class", "0"
    out = tmp_path / "out" / (what if what == "figures" else f"a.{file_format}")
    out.parent.mkdir()
    for before in ("nothing", "something"):
        there = {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}
        with small_disk(16):
            done = export(*kind, "--out", out)
        assert (done.code, done.out) == (2, ""), before
        assert done.error.count("\n") == 1
        assert ("The state folder" if what == "html" else os.strerror(errno.EFBIG)) in done.error
        files = {path: path.read_bytes() for path in out.parent.rglob("*") if path.is_file()}
        assert files == there
        if before == "nothing":
            assert export(*kind, "--out", out).code == 0


def test_an_offline_page_that_finds_no_room_leaves_what_was_there(export, tmp_path, monkeypatch):
    def page(*_):
        resource.setrlimit(resource.RLIMIT_FSIZE, (16, resource.RLIM_INFINITY))
        return b"x" * 1000

    monkeypatch.setattr(exporting, "_offline", page)
    out = tmp_path / "page" / "a.html"
    out.parent.mkdir()
    out.write_text("before")
    with small_disk(2**30):
        done = export("--what", "html", "--out", out)
    assert (done.code, done.out, done.error.count("\n")) == (2, "", 1)
    assert os.strerror(errno.EFBIG) in done.error
    assert [(path.name, path.read_text()) for path in out.parent.iterdir()] == [
        ("a.html", "before")
    ]


def test_figures_that_were_whole_before_the_disk_was_full_stay(export, tmp_path, monkeypatch):
    sizes = iter((2**30, 16))
    drawn = export_views._drawn

    def filling(*given):
        made = drawn(*given)
        resource.setrlimit(resource.RLIMIT_FSIZE, (next(sizes), resource.RLIM_INFINITY))
        return made

    monkeypatch.setattr(export_views, "_drawn", filling)
    with small_disk(2**30):
        done = export("--what", "figures", "--panel", "ofiv", "--out", tmp_path / "f")
    (path,) = (tmp_path / "f").iterdir()
    assert (done.code, done.out) == (2, f"{path}\n")
    assert done.error.count("\n") == 1
    assert ElementTree.parse(path)


def test_a_run_with_a_hostile_name_is_written_where_it_was_asked(export, run, tmp_path):
    info = run.info | {"name": "../../=cmd()\n<script>😀" + "x" * 300}
    other = write_run(tmp_path / "r", info=info, ensemble=run.ensemble, summary=run.summary)
    done = export("--what", "figures", "--panel", "ofiv", "--class", "0", "--out", tmp_path / "f",
                  folder=other.folder)  # fmt: skip
    (path,) = (tmp_path / "f").iterdir()
    assert done.out == f"{path}\n"
    assert path.name.startswith("cmd-script-xxx")
