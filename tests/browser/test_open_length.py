import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.test_runs import SLOW, choose
from tests.networks.keras_files import layer, write_whole

pytestmark = pytest.mark.browser


def test_a_model_of_any_length_is_read_at_the_length_that_is_asked_for(visit, tmp_path):
    g = np.random.default_rng(0)
    layers = [
        layer(
            "Conv1D", "conv", [g.normal(size=(3, 4, 5)), g.normal(size=5)], filters=5,
            kernel_size=[3], batch_input_shape=[None, None, 4],
        ),
        layer("GlobalMaxPooling1D", "best"),
        layer("Dense", "scores", [g.normal(size=(5, 2)), g.normal(size=2)], units=2),
    ]  # fmt: skip
    page = visit("/models")
    choose(page, write_whole(tmp_path / "any.h5", layers))
    length = page.get_by_role("spinbutton", name="Length of the sequences")
    length.wait_for(timeout=SLOW)
    length.fill("73")
    page.keyboard.press("Enter")
    page.wait_for_selector("#layers", timeout=SLOW)
    expect(page.locator("#layers")).to_contain_text("5 × 71", use_inner_text=True)
