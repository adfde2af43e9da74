import shutil

import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs.stories import StoryStore
from deepresolve_dash.runs.story import Step
from tests.browser.conftest import wait_until
from tests.generated_runs import make_run, panel_size

pytestmark = pytest.mark.browser
NAME = "Kept </script><script>window.hit=1</script>"


@pytest.fixture(scope="module")
def story(state):
    """Two classes of a run, then what they share."""
    run = make_run(state / "runs", panel_size(3), name=NAME, seed=11)
    at = f"/runs/{run.id}"
    steps = [
        Step(f"{at}/class/1?channel=4", "The ranking of a class.", "ofiv"),
        Step(f"{at}/class/0?pair=0,1", "The same of another.", "fiv"),
        Step(f"{at}/classes?pair=0,1", "What both share.", "why"),
    ]
    stories = StoryStore(state / "stories")
    made = stories.create("Shown offline", steps)
    yield made
    stories.delete(made.id)
    shutil.rmtree(run.folder)


@pytest.fixture
def unplugged(stranger):
    """A browser without a network, what went wrong in it, and what it asked for."""
    context, wrong, asked = stranger.new_context(offline=True), [], []
    page = context.new_page()
    page.on("console", lambda m: wrong.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    yield page, wrong, asked
    context.close()


def test_a_story_is_shown_from_a_file_without_a_network(visit, story, unplugged, tmp_path):
    app = visit("/stories")
    app.locator("tr", has_text=story.title).get_by_role("button", name="Offline page").click()
    with app.expect_download() as saved:
        app.locator(".offline-ask .main").click()
    file = tmp_path / "a talk.html"
    saved.value.save_as(file)
    assert saved.value.suggested_filename == "story-shown-offline.html"

    page, wrong, asked = unplugged
    page.goto(file.as_uri())
    bar = page.locator("#story-bar")
    page.wait_for_selector("#ofiv .plot svg path.bars")
    assert page.evaluate("document.querySelector('.presented').id") == "ofiv-panel"
    expect(bar.locator(".caption")).to_have_text("The ranking of a class.")
    page.keyboard.press("ArrowRight")
    page.wait_for_selector("#fiv-panel.presented canvas")
    expect(bar.locator(".place")).to_have_text("2 of 3")
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    wait_until(page, "document.getElementById('pair').textContent.includes('OFIV differs most')")
    page.hover("#fiv canvas", position={"x": 20, "y": 20})
    page.wait_for_selector("#pointer:not([hidden]) div:nth-child(3)")
    expect(page.locator("#pointer")).to_contain_text("importance", use_inner_text=True)
    before = page.title()
    page.keyboard.press("]")
    wait_until(page, "title => document.title !== title", arg=before)
    page.keyboard.press("]")  # class 2 is in no step, and not in the file
    page.keyboard.press("t")
    assert page.evaluate("document.documentElement.dataset.mantineColorScheme") == "dark"
    page.locator(".header .story-link").click()
    page.wait_for_selector("#ofiv-panel.presented")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.wait_for_selector("#why-panel.presented .pair-body table")
    page.go_back()
    page.wait_for_selector("#fiv-panel.presented canvas")
    assert page.evaluate("window.hit") is None
    assert wrong == []
    assert asked == [file.as_uri()]
