"""Whatever a person has of a model: a file opens as a card, weights alone after a form."""

from pathlib import Path

import pytest
import torch
from playwright.sync_api import expect
from torch import nn

from tests.browser.test_runs import SLOW, choose

pytestmark = pytest.mark.browser
ZOO = Path(__file__).parents[1] / "networks" / "zoo"


def test_weights_alone_are_wired_in_a_form_that_says_what_fits(visit, tmp_path):
    layers = [nn.Conv1d(4, 5, 7), nn.ReLU(), nn.MaxPool1d(3), nn.Flatten(), nn.Linear(40, 2)]
    torch.save({"state_dict": nn.Sequential(*layers).state_dict()}, tmp_path / "mine.ckpt")
    page = visit("/models")
    choose(page, tmp_path / "mine.ckpt")
    form = page.locator(".wiring")
    form.get_by_text("takes 40 features, and gets").wait_for(timeout=SLOW)  # at the usual length
    read = form.get_by_role("button", name="Read the model")
    expect(read).to_be_disabled()
    form.get_by_label("Length of the sequences").fill("30")
    page.keyboard.press("Tab")
    form.get_by_text("plain wirings fit").or_(form.get_by_text("One plain wiring fits")).wait_for()
    form.get_by_label("Positions per window").fill("4")
    page.keyboard.press("Tab")
    form.get_by_text("takes 40 features, and gets 30").wait_for()
    form.get_by_label("Positions per window").fill("3")
    page.keyboard.press("Tab")
    page.wait_for_function("!document.querySelector('.wiring [data-wired]').disabled")
    read.click()
    page.wait_for_selector("#layers", timeout=SLOW)
    expect(page.locator("#layers")).to_contain_text("5 × 8", use_inner_text=True)
    expect(page.get_by_role("heading", name="mine", exact=True)).to_be_visible()


def test_a_second_input_becomes_the_other_strand_and_a_pickle_says_the_way_out(visit, tmp_path):
    page = visit("/models")
    torch.save(nn.Sequential(nn.Conv1d(4, 5, 7)), tmp_path / "whole.pt")
    choose(page, tmp_path / "whole.pt")
    page.get_by_text("holds Python objects beside its weights").wait_for(timeout=SLOW)
    with page.expect_download() as found:
        page.get_by_role("link", name="Save export_model.py").click()
    assert "torch.export.export(model" in found.value.path().read_text()
    choose(page, ZOO / "keras3" / "strands.keras")
    constant = page.get_by_label("Constant for reverse")
    constant.wait_for(timeout=SLOW)
    expect(constant).to_have_value("0")
    constant.fill("1 2")
    constant.press("Enter")
    page.get_by_text("For 'reverse' there are 2 numbers").wait_for(timeout=SLOW)
    page.get_by_role("button", name="Use the reverse complement").click()
    page.get_by_role("heading", name="strands (reverse: reverse complement)").wait_for(timeout=SLOW)
    page.get_by_text("is the reverse complement of the sequence").wait_for()
    expect(page.get_by_role("button", name="Use the reverse complement")).to_be_disabled()
    page.get_by_role("button", name="Go back").click()
    page.get_by_role("heading", name="strands", exact=True).wait_for()


def test_files_of_other_programs_open_as_cards(visit):
    page = visit("/models")
    for name, says in (
        ("keras3/danq.keras", "Keras 3"),
        ("torch/basset.pt2", ".pt2"),
        ("torch/basset.dynamo.onnx", "ONNX"),
    ):
        page.get_by_role("link", name="Models").click()
        choose(page, ZOO / name)
        page.wait_for_selector("#layers", timeout=SLOW)
        expect(page.locator("main")).to_contain_text(says, use_inner_text=True)
        expect(page.locator("#layers tr.chosen")).to_have_count(1)
