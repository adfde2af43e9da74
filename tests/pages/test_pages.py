import re
import subprocess
import sys
from pathlib import Path

import plotly.offline
import pytest
from dash.development.base_component import Component

from app import make_app
from deepresolve_dash.pages import callbacks, class_page, gallery, shell
from deepresolve_dash.pages.panel import GRAPH_CONFIG, help_text
from deepresolve_dash.settings import Settings
from deepresolve_dash.views import channels, classes, fim, fiv, inconsistency, logos, ofiv
from tests.generated_runs import part_of_run, tiny_run

ASSETS = Path("assets")
GALLERY = {"page": "gallery", "path": "/"}
VIEWS = (
    fiv.data,
    inconsistency.data,
    ofiv.data,
    channels.data,
    logos.heights,
    classes.data,
    fim.data,
)


def ids(component: Component) -> set:
    found = {getattr(part, "id", None) for part in component._traverse()}
    return found | {getattr(component, "id", None)}


def words(component: Component) -> str:
    parts = [component, *component._traverse()]
    texts = [part for part in parts if isinstance(part, str)]
    return " ".join(
        texts + [p.children for p in parts if isinstance(getattr(p, "children", None), str)]
    )


def test_every_id_of_a_callback_is_in_a_layout(run):
    present = ids(shell.frame()) | ids(class_page.page(run))
    found = callbacks.browser_callbacks()
    elsewhere = callbacks.starting()  # on the page of a new run
    used = {p.component_id for name in found if name not in elsewhere for p in found[name]}
    assert used <= present


def test_a_run_of_one_class_says_that_there_is_nothing_to_compare(run, tmp_path):
    page = class_page.page(part_of_run(run, tmp_path, target=0))
    assert "nothing to compare" in words(page)
    assert "similarity" not in ids(page)


def test_every_browser_callback_has_its_function():
    scripts = "".join(path.read_text() for path in ASSETS.glob("*.js") if "plotly" not in path.name)
    for name in callbacks.browser_callbacks():
        assert f"drd.{name} = " in scripts


def test_the_gallery_shows_a_card_per_run(inside, run):
    page = callbacks.show_page(GALLERY)
    assert "Tiny" in words(page)
    assert "1 XOR-like" in words(page)
    assert "1 of 2 with more than one IL component" in words(page)
    hrefs = [part.href for part in page._traverse() if hasattr(part, "href")]
    assert f"/runs/{run.id}/class/0-ctcf-gm12878" in hrefs


def test_of_many_runs_a_page_shows_some_and_the_way_to_the_others(tmp_path, monkeypatch):
    monkeypatch.setattr(gallery, "PER_PAGE", 1)
    for seed in range(3):
        tiny_run(tmp_path / "runs", name=f"Run {seed}", seed=seed)
    app = make_app(Settings(state=tmp_path), demos=tmp_path / "none")
    with app.server.test_request_context():
        first, middle, last, odd = (
            callbacks.show_page(GALLERY | {"first": at}) for at in (0, 1, 9, "x")
        )
    app.server.extensions["deepresolve"].cache.close()
    assert words(first) == words(odd)
    said = [re.search(r"\d to \d of \d runs", words(page))[0] for page in (first, middle, last)]
    assert said == ["1 to 1 of 3 runs", "2 to 2 of 3 runs", "3 to 3 of 3 runs"]
    hrefs = [part.href for part in middle._traverse() if hasattr(part, "href")]
    assert {"/?first=0", "/?first=2"} <= set(hrefs)


def test_a_folder_that_cannot_be_opened_is_listed_with_its_reason(inside, state, run):
    broken = state / "runs" / "half"
    broken.mkdir()
    (broken / "run.json").write_text("{")
    page = callbacks.show_page(GALLERY)
    assert "half" in words(page)
    assert "summary.nc is missing" in words(page)
    (broken / "run.json").unlink()
    broken.rmdir()


def test_without_runs_the_gallery_says_what_to_do(tmp_path):
    empty = make_app(Settings(state=tmp_path), demos=tmp_path / "none")
    with empty.server.test_request_context():
        assert "python -m deepresolve_dash run" in words(callbacks.show_page(GALLERY))
    empty.server.extensions["deepresolve"].cache.close()


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ({"page": "missing", "path": "/foo"}, "no page at /foo"),
        ({"page": "class", "run": "none", "target": 0}, "no run 'none'"),
        ({"page": "class", "run": "../..", "target": 0}, "no run '../..'"),
        ({"page": "class", "run": "RUN", "target": 99}, "no class 99"),
    ],
)
def test_an_unknown_address_says_so_with_a_way_back(inside, run, key, said):
    key = {name: run.id if value == "RUN" else value for name, value in key.items()}
    page = callbacks.show_page(key)
    assert said in words(page)
    assert "/" in [part.href for part in page._traverse() if hasattr(part, "href")]


def test_a_class_page_is_made_for_a_known_class(inside, run):
    page = callbacks.show_page({"page": "class", "run": run.id, "target": 1})
    assert {"fiv", "il", "ofiv", "channels", "similarity", "compared"} <= ids(page)


def test_a_run_without_filters_says_why_there_is_no_logo(run):
    assert class_page.description(run)["offsets"] == 11
    bare = type(run)(run.folder, run.info)
    bare.__dict__["ensemble"] = run.ensemble.drop_vars("filter")
    assert class_page.description(bare)["offsets"] == 0
    assert "deeper than the first convolution" in (ASSETS / "card.js").read_text()


@pytest.mark.parametrize("view", VIEWS)
def test_the_help_of_a_view_is_two_sentences(view):
    sentences = re.findall(r"[^.]+\.(?: |$)", help_text(view))
    assert len(sentences) == 2
    assert 80 < len(help_text(view)) < 400


def test_the_plotly_bundle_is_the_one_that_plotly_ships():
    head = (ASSETS / "plotly-cartesian.min.js").read_text()[:300]
    assert f"v{plotly.offline.get_plotlyjs_version()}" in head


def test_charts_have_no_way_out_of_the_server():
    assert GRAPH_CONFIG["showSendToCloud"] is False
    assert GRAPH_CONFIG["plotlyServerURL"] == ""


def test_our_assets_name_no_other_server():
    for path in ASSETS.iterdir():
        if path.suffix in (".js", ".css") and "plotly" not in path.name:
            found = set(re.findall(r"https?://[^\"'\s)]+", path.read_text()))
            assert found <= {"http://www.w3.org/2000/svg"}


def test_the_web_process_does_not_import_torch():
    code = "import app, sys; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
