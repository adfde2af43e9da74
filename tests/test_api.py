"""Runs in a notebook: the numbers are those of the pages, and the example shows what it says."""

import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from bench.notebook import EXAMPLE, run
from deepresolve_dash import api
from deepresolve_dash.errors import RunNotFound, SettingsError

PANEL = "d4672e7cf88995e3"
CTCF = "K562|CTCF|None"


@pytest.fixture(scope="module")
def panel():
    return api.open_run(PANEL)


def test_the_example_shows_what_its_cells_give():
    notebook = json.loads(EXAMPLE.read_text())
    for was, now in zip(notebook["cells"], run(notebook)["cells"], strict=True):
        for old, new in zip(was.get("outputs", ()), now.get("outputs", ()), strict=True):
            assert old.get("text") == new.get("text")
            shown = [one.get("data", {}).get("text/plain") for one in (old, new)]
            assert shown[0] == shown[1]


def test_the_example_names_no_folder_of_a_machine():
    text = EXAMPLE.read_text()
    assert "/tmp" not in text
    assert "/home" not in text


def test_channels_are_those_of_the_summary(panel):
    frame = api.channels(panel, CTCF)
    raw = panel.summary.ofiv.sel(regime="importance", target=3)
    assert frame.loc[22, "ofiv"] == raw.sel(channel=22).item()
    assert frame.ofiv.is_monotonic_decreasing
    pd.testing.assert_frame_equal(frame, api.channels(panel, 3))
    modes = api.channels(panel, 3, regime="modes")
    assert (
        modes.loc[22, "ofiv"] == panel.summary.ofiv.sel(regime="modes", target=3, channel=22).item()
    )


def test_each_class_has_a_row_and_its_likeness_to_itself_is_one(panel):
    frame, alike = api.classes(panel), api.similarity(panel)
    assert frame.name.tolist() == alike.columns.tolist()
    np.testing.assert_allclose(np.diag(alike), 1)


def test_the_ensemble_has_a_weight_for_each_trial(panel):
    raw = api.ensemble(panel, 3)
    assert raw.fiv.sizes == {"trial": 10, "channel": 64}
    assert raw.weight.sizes == {"trial": 10}
    np.testing.assert_allclose(raw.weight.sum(), 1)


def test_figures_are_saved_by_their_ending(panel, tmp_path):
    figure = api.figure(panel, "ofiv", CTCF, width=85, bars=10)
    for ending, begins in (("svg", b"<?xml"), ("pdf", b"%PDF"), ("png", b"\x89PNG")):
        path = figure.save(tmp_path / "new" / f"a.{ending}")
        assert path.read_bytes().startswith(begins)
    with pytest.raises(SettingsError, match="svg, pdf or png"):
        figure.save(tmp_path / "a.docx")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["new"]


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda run: api.channels(run, 99), RunNotFound, "no class '99'"),
        (lambda run: api.channels(run, "nothing"), RunNotFound, "no class 'nothing'"),
        (lambda run: api.figure(run, "nothing"), RunNotFound, "no figure 'nothing'"),
        (lambda run: api.figure(run, "ofiv", colour="red"), SettingsError, "no 'colour'"),
        (lambda run: api.similarity(run, "love"), SettingsError, "no matrix 'love'"),
        (lambda run: api.compare([run], 0), SettingsError, "One run"),
        (lambda _: api.open_run("nothing"), RunNotFound, "no run 'nothing'"),
    ],
)
def test_mistakes_get_a_sentence(panel, ask, error, says):
    with pytest.raises(error, match=says):
        ask(panel)


def test_again_refuses_what_it_does_not_know(panel, tmp_path):
    with pytest.raises(SettingsError, match="no 'colour'"):
        api.again(panel, tmp_path / "new", colour="red")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    with pytest.raises(SettingsError, match="not empty"):
        api.again(panel, tmp_path / "full", seed=1)


def test_every_function_is_documented():
    for name in api.__all__:
        assert getattr(api, name).__doc__, name


def test_importing_it_leaves_torch_out():
    code = "import sys; from deepresolve_dash import api; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
