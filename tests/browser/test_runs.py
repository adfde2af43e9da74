"""From a file to its results, as people do it: upload, start, watch, leave, come back."""

import base64
import re

import numpy as np
import pytest
from playwright.sync_api import expect

from deepresolve_dash.runs.start import stop_runner
from tests.browser.keras_models import write_keras
from tests.browser.test_journey import wait_drawn

pytestmark = pytest.mark.browser
SLOW = 120_000  # ms; a worker imports its libraries first


@pytest.fixture(scope="module", autouse=True)
def runner(state):
    """End the runner that the first run starts."""
    yield
    stop_runner(state)


@pytest.fixture(scope="module")
def keras(tmp_path_factory):
    return write_keras(tmp_path_factory.mktemp("keras") / "tiny", n_classes=3)


@pytest.fixture(scope="module")
def wide(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keras") / "wide"
    return write_keras(folder, n_classes=60, n_filters=64, n_hidden=128)


def choose(page, *files):
    page.wait_for_selector("[data-upload]")
    with page.expect_file_chooser() as waiting:
        page.get_by_role("button", name="Choose files").click()
    waiting.value.set_files([str(file) if not isinstance(file, dict) else file for file in files])


def upload(page, folder, name):
    """Upload a model, name it, and return where its card is."""
    choose(page, folder / "architecture.json", folder / "weights.h5")
    page.wait_for_selector("#layers", timeout=SLOW)
    page.get_by_role("button", name="Rename").click()
    page.get_by_role("dialog").get_by_role("textbox").fill(name)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", name=name, exact=True).wait_for()
    return page.url


def start(page, *, title, trials=None):
    """Fill in the form on show and start; return the id of the run."""
    fill_in(page, title, trials)
    page.get_by_role("button", name="Start").click()
    return started(page)


def fill_in(page, title, trials=None):
    page.wait_for_selector("#new-start:not([disabled])")
    page.locator("#new-title").fill(title)
    if trials:
        page.locator("#new-trials").fill(str(trials))
        page.wait_for_function(
            "n => document.querySelector('#new-estimate').innerText.includes(n + ' ascents')",
            arg=f"{trials:,}",
        )
    page.wait_for_selector("#new-start:not([disabled])")


def started(page):
    page.wait_for_url(re.compile(r"/runs\?run="))
    return page.url.split("run=")[1]


def row(page, run, state=""):
    return page.locator(f'#queue tr[data-id="{run}"]{state}')


def new_run_of(page, name):
    page.get_by_role("link", name="Models").click()
    line = page.locator("#models tr", has=page.get_by_role("link", name=name, exact=True))
    line.get_by_role("link", name="New run").click()


def test_from_a_file_to_its_results_and_back_after_the_tab_was_closed(visit, keras):
    page = visit("/models")
    upload(page, keras, "Tiny net")
    expect(page.locator("#layers tr.chosen")).to_have_text(re.compile("^maxpooling2d_1"))
    page.locator('input[data-field="name"][data-index="0"]').fill("K562|CTCF|None")
    page.keyboard.press("Enter")
    page.wait_for_function(
        """document.querySelector('input[data-field=cell][data-index="0"]').value === 'K562'"""
    )
    page.locator("#layers tr.chosen").get_by_role("link", name="New run at this layer").click()
    run = start(page, title="Tiny run")
    row(page, run).wait_for()
    page.close()

    again = visit("/")
    again.get_by_role("link", name="Queue").click()
    row(again, run, ".done").wait_for(timeout=SLOW)
    row(again, run).get_by_role("link", name="Open", exact=True).click()
    wait_drawn(again)
    expect(again.locator("#class-select")).to_have_text("0  K562|CTCF|None")
    again.get_by_role("link", name="Results").click()
    again.locator("a.card", has_text="Tiny run").wait_for()


def test_a_notice_tells_on_any_page_when_a_run_ends(visit, keras):
    page = visit("/")
    new_run_of(page, "Tiny net")
    start(page, title="Second", trials=7)
    page.get_by_role("link", name="Results").click()
    page.wait_for_selector(".gallery")
    notice = page.locator(".toast", has_text="Second is done")
    notice.wait_for(timeout=SLOW)
    notice.get_by_role("button", name="Open").click()
    wait_drawn(page)


def test_a_long_run_shows_what_is_done_and_is_cancelled(visit, wide):
    page = visit("/models")
    upload(page, wide, "Wide net")
    new_run_of(page, "Wide net")
    run = start(page, title="Long", trials=1000)
    row(page, run).get_by_role("progressbar").wait_for(timeout=SLOW)
    page.wait_for_function(
        "id => document.querySelector(`tr[data-id='${id}']`).innerText.includes(' left')",
        arg=run,
        timeout=SLOW,
    )
    row(page, run).get_by_role("button", name="Cancel").click()
    row(page, run, ".cancelled").wait_for(timeout=10_000)
    row(page, run).get_by_role("button", name="Go on").wait_for()
    row(page, run).get_by_role("button", name="Delete").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    row(page, run).wait_for(state="detached")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    row(page, run, ".cancelled").wait_for()


def test_two_people_who_start_the_same_run_get_one(visit):
    pages = [visit("/"), visit("/")]
    for page in pages:
        new_run_of(page, "Tiny net")
        fill_in(page, "Shared", 11)
    for page in pages:  # one after the other at once: the run is a second's work
        page.get_by_role("button", name="Start").click()
    (run,) = {started(page) for page in pages}
    for page in pages:
        row(page, run, ".done").wait_for(timeout=SLOW)
        expect(row(page, run)).to_have_count(1)
    again = pages[0]
    new_run_of(again, "Tiny net")
    again.wait_for_selector("#new-start:not([disabled])")
    again.locator("#new-trials").fill("11")
    again.get_by_text("This run is here already").wait_for()
    again.get_by_role("button", name="Start").click()
    again.wait_for_url(re.compile(f"/runs/{run}/class/0"))
    wait_drawn(again)


def test_a_run_is_repeated_with_changes(visit):
    page = visit("/runs")
    done = page.locator("#queue tr.done", has_text="Shared")
    done.get_by_role("link", name="Repeat").click()
    page.wait_for_selector("#new-start:not([disabled])")
    expect(page.locator("#new-trials")).to_have_value("11")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("broken.h5", b"\x89HDF\r\n\x1a\n" + b"x" * 99, "broken.h5 is not a readable HDF5 file"),
        ("notes.txt", b"dear diary", "notes.txt is not a model file"),
        ("empty.h5", b"", "empty.h5 is empty"),
    ],
)
def test_a_file_that_is_no_model_gives_one_sentence(visit, name, content, said):
    page = visit("/models")
    choose(page, {"name": name, "mimeType": "application/octet-stream", "buffer": content})
    refused = page.locator(".refused:not([hidden])")
    refused.wait_for(timeout=SLOW)
    expect(refused).to_contain_text(said, use_inner_text=True)
    page.get_by_role("button", name="Choose files").wait_for()


def test_bad_values_are_refused_at_their_fields(visit):
    page = visit("/")
    new_run_of(page, "Tiny net")
    page.wait_for_selector("#new-start:not([disabled])")
    page.locator("#new-trials").fill("0")
    page.get_by_text("The number of trials is 0").wait_for()
    page.locator("#new-l2").fill("a lot")
    page.get_by_text("l2 is 'a lot'").wait_for()
    expect(page.locator("#new-start")).to_be_disabled()
    page.locator("#new-trials").fill("3")
    page.locator("#new-l2").fill("0.5")
    page.wait_for_selector("#new-start:not([disabled])")


def test_a_model_is_deleted_and_taken_back(visit):
    page = visit("/models")
    line = page.locator("#models tr", has=page.get_by_role("link", name="Wide net"))
    line.get_by_role("button", name="Delete").click()
    line.wait_for(state="detached")
    page.locator(".toast").get_by_role("button", name="Undo").click()
    line.wait_for()


def test_an_upload_is_stopped_and_nothing_is_kept(visit, state):
    page = visit("/models")
    slow = page.context.new_cdp_session(page)
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 2**19},
    )
    content = b"\x89HDF\r\n\x1a\n" + b"x" * 2**24
    choose(page, {"name": "large.h5", "mimeType": "application/octet-stream", "buffer": content})
    page.wait_for_function(
        "document.querySelector('.drop .progress').getAttribute('aria-valuenow') > 0"
    )
    page.get_by_role("button", name="Cancel").click()
    page.get_by_text("Stopped. Nothing was kept.").wait_for()
    page.get_by_role("button", name="Choose files").wait_for()
    assert not list((state / "models").glob(".intake*"))


DROP = """([path, files]) => {
    const transfer = new DataTransfer();
    for (const [name, text] of files) {
        const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], name));
    }
    const box = document.querySelector(path);
    for (const kind of ["dragenter", "dragover", "drop"]) {
        const more = { dataTransfer: transfer, bubbles: true, cancelable: true };
        box.dispatchEvent(new DragEvent(kind, more));
    }
}"""


def test_files_are_dropped_on_the_page(visit, keras):
    page = visit("/models")
    page.wait_for_selector("[data-upload]")
    files = [[path.name, base64.b64encode(path.read_bytes()).decode()] for path in keras.iterdir()]
    page.evaluate(DROP, ["[data-upload]", files])
    page.wait_for_selector("#layers", timeout=SLOW)


def test_sequences_and_labels_go_along(visit, tmp_path):
    page = visit("/")
    new_run_of(page, "Tiny net")  # what was dropped is known by this name
    page.wait_for_selector("#new-start:not([disabled])")
    letters = np.random.default_rng(0).choice(list("ACGT"), (30, 101))
    fasta = "".join(f">s{i}\n{''.join(row)}\n" for i, row in enumerate(letters))
    for kind, text, said in (
        ("sequences", "no fasta", "not with the name of a sequence"),
        ("sequences", fasta, None),
        ("labels", "a\tb\n1\t2\n", "no column"),
        ("labels", "0\t1\t2\n" + "1\t0\t1\n0\t1\t1\n0\t0\t0\n", None),
    ):
        (tmp_path / f"{kind}.txt").write_text(text)
        with page.expect_file_chooser() as waiting:
            page.get_by_role("button", name=f"Upload {kind}").click()
        waiting.value.set_files(str(tmp_path / f"{kind}.txt"))
        if said:
            page.get_by_text(said).wait_for()
        else:
            page.wait_for_function(
                "id => document.querySelector(id).value.includes('.txt')", arg=f"#new-{kind}"
            )
    run = start(page, title="With files")
    row(page, run, ".done").wait_for(timeout=SLOW)
    row(page, run).get_by_role("link", name="Open", exact=True).click()
    wait_drawn(page)
    page.get_by_text("labels", exact=True).wait_for()
    expect(page.locator("#card")).to_contain_text("swing", use_inner_text=True)
