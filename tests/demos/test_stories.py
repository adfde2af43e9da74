"""The stories of the demo runs: every view is there, and what the captions say holds."""

from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from app import DEMOS
from deepresolve_dash.motifs.databases import jaspar_database
from deepresolve_dash.motifs.filters import consensus
from deepresolve_dash.pages import channel_page, class_page, probe_page
from deepresolve_dash.runs.motif_question import ask_motifs
from deepresolve_dash.runs.motif_store import MotifStore
from deepresolve_dash.runs.store import open_run
from deepresolve_dash.runs.stories import StoryStore
from deepresolve_dash.views import channel
from deepresolve_dash.views.channels import opposed
from deepresolve_dash.views.gallery import xor_like
from deepresolve_dash.views.selection import IMPORTANCE, MODES, Selection, of_class

NAMES = ("panel", "synthetic-1", "synthetic-2")


@pytest.fixture(scope="module")
def stories(tmp_path_factory):
    store = StoryStore(tmp_path_factory.mktemp("s"), shipped=DEMOS.parent / "stories", runs=DEMOS)
    return {story.id: story for story in store.stories()}


@pytest.fixture(scope="module")
def runs():
    return {name: open_run(DEMOS / name) for name in NAMES}


def important(run, target, n):
    ofiv = of_class(run.summary, Selection(run.id, target), IMPORTANCE).ofiv
    return set(ofiv.channel.values[np.argsort(-ofiv.values)][:n].tolist())


@pytest.mark.parametrize("name", NAMES)
def test_every_view_of_a_demo_story_is_there(stories, runs, name):
    story, run = stories[name], runs[name]
    assert 5 <= len(story.steps) <= 9
    parts = class_page.page(run)._traverse()
    panels = {
        "class": {str(getattr(part, "id", "")).removesuffix("-panel") for part in parts},
        "channel": set(channel_page.TITLES),
        "probe": set(probe_page.TITLES),
    }
    places = {"class": run.summary.target.values, "channel": run.summary.channel.values}
    for step in story.steps:
        path = urlsplit(step.address).path.split("/")
        assert path[1:3] == ["runs", run.id]
        assert path[3] == "probe" or int(path[4].split("-")[0]) in places[path[3]]
        query = parse_qs(urlsplit(step.address).query)
        assert int(query.get("class", ["0"])[0]) in run.summary.target.values
        assert int(query.get("channel", ["0"])[0]) in run.summary.channel.values
        assert {int(k) for k in ",".join(query.get("pair", ["0"])).split(",")} <= set(
            run.summary.target.values.tolist()
        )
        assert not step.panel or step.panel in panels[path[3]]
        assert step.caption


def test_what_the_story_of_the_panel_says_holds(runs):
    run = runs["panel"]
    assert xor_like(run.ensemble, run.summary) == [28]
    xor, raw = (
        of_class(data, Selection(run.id, 28), MODES) for data in (run.summary, run.ensemble)
    )
    irf4, pou2f2 = important(run, 27, 4), important(run, 22, 4)
    inconsistent = set(np.flatnonzero(xor.kind.values == 2).tolist())
    assert inconsistent == irf4 | pou2f2
    assert set(np.flatnonzero(xor.mixture_component.values == 1).tolist()) == inconsistent
    signs = np.sign(raw.fiv.values[np.argsort(-raw.score.values)])
    assert (signs[:3, sorted(irf4)] > 0).all()
    assert (signs[:3, sorted(pou2f2)] < 0).all()
    assert (signs[3:, sorted(irf4)] < 0).all()
    assert (signs[3:, sorted(pou2f2)] > 0).all()
    best = np.sort(raw.score.values)[::-1]
    np.testing.assert_allclose(best[[0, 3]], [58.1, 13.9], atol=0.05)  # of either recipe
    several = run.summary.n_components.sel(regime=MODES) > 1
    assert np.flatnonzero(several & (run.summary.guarded.sel(regime=MODES) == 0)).tolist() == [28]
    assert xor.n_components_rescaled == 3

    question, known = ask_motifs(run), MotifStore(DEMOS)
    matches = known.matches(question, jaspar_database())
    seen = channel.logos(run, 15, known.faces(question), matches)
    assert all("GAAACCGAAA" in consensus(np.array(one["matrix"])) for one in seen)
    assert [one["matches"][0]["name"] for one in seen] == ["IRF4", "IRF4", "IRF8"]

    both = of_class(run.ensemble, Selection(run.id, 14), MODES).fiv.values
    assert (both[:, sorted(important(run, 13, 3) | important(run, 17, 2))] > 0).all()
    assert of_class(run.summary, Selection(run.id, 14), MODES).n_components == 1
    veto = of_class(run.summary, Selection(run.id, 8), IMPORTANCE).ofiv.values
    assert set(np.argsort(veto)[:5].tolist()) == important(run, 7, 5)
    assert important(run, 8, 3) == important(run, 26, 3)
    pair = [float(run.summary.similarity.sel(regime=IMPORTANCE)[18, 19])]
    pair.append(float(run.summary.label_correlation[18, 19]))
    np.testing.assert_allclose(pair, [0.99, -0.07], atol=0.005)


def test_what_the_story_of_synthetic_1_says_holds(runs):
    run, one = runs["synthetic-1"], Selection(runs["synthetic-1"].id, 0)
    summary, raw = of_class(run.summary, one, MODES), of_class(run.ensemble, one, MODES)
    near = of_class(run.summary, one, IMPORTANCE)
    assert np.argsort(-near.ofiv.values)[:3].tolist() == [17, 23, 25]
    order = np.argsort(-raw.score.values)
    signs = np.sign(raw.fiv.values[order][:, [25, 23]]).tolist()
    assert signs == [[-1, 1]] * 4 + [[1, -1]] * 3 + [[1, 1]] * 3
    assert summary.weight.values[order][:4].sum() == pytest.approx(0.8, abs=0.01)
    assert np.argsort(-summary.inconsistency.values)[:2].tolist() == [25, 23]
    assert (summary.n_components, near.n_components, near.guarded) == (3, 1, 1)
    assert set(np.flatnonzero(summary.kind.values).tolist()) == {25, 23}
    assert opposed(raw, summary)[25] == [23]


def test_what_the_story_of_synthetic_2_says_holds(runs):
    summary = runs["synthetic-2"].summary
    ofiv = summary.ofiv.sel(regime=IMPORTANCE).values
    assert np.argsort(-ofiv[0])[0] == 3
    assert set(np.argsort(-ofiv[0])[1:3].tolist()) == {16, 31}
    assert (ofiv[1].argmax(), ofiv[1].argmin(), ofiv[3].argmax()) == (3, 16, 17)
    assert (summary.n_components.sel(regime=MODES) == 1).all()
    alike = summary.similarity.sel(regime=IMPORTANCE).values
    np.testing.assert_allclose(alike[[0, 0, 1], [1, 2, 2]], [0.77, 0.17, 0.22], atol=0.006)
    assert (alike[:3, 3] < -0.09).all()
    np.testing.assert_allclose(summary.last_layer.values[:2, 2], [1.05, 0.50], atol=0.005)
