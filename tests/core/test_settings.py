import math

import pytest

from deepresolve_dash.core.settings import PRESETS, ascent_settings, find_preset, start_scale
from deepresolve_dash.errors import SettingsError


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"l2": 0}, "l2 is 0"),
        ({"l2": -1.0}, "l2 is -1"),
        ({"l2": math.nan}, "l2 is nan"),
        ({"n_trials": 0}, "trials is 0"),
        ({"steps": 0}, "steps is 0"),
        ({"seed": -1}, "seed is -1"),
        ({"step_size": 0.1}, "no step size"),
        ({"optimiser": "newton"}, "no optimiser 'newton'"),
        ({"optimiser": "paper", "step_size": -0.1}, "step size is -0.1"),
        ({"preset": "best"}, "no preset 'best'"),
    ],
)
def test_a_wrong_setting_is_refused_in_one_sentence(given, says):
    with pytest.raises(SettingsError, match=says) as caught:
        ascent_settings(**given)
    assert caught.value.hint


def test_explicit_options_override_the_preset():
    settings = ascent_settings("published", n_trials=3, l2=1.5, step_size=0.02, seed=7)
    assert (settings.n_trials, settings.l2, settings.step_size, settings.seed) == (3, 1.5, 0.02, 7)
    assert settings.start == PRESETS["published"].ascent.start


def test_another_optimiser_brings_its_own_budget():
    assert ascent_settings("paper", optimiser="heavy-ball").patience is None
    assert ascent_settings("default", optimiser="paper").steps == 10_000
    assert ascent_settings("default", optimiser="adam").steps == 200


def test_only_the_default_preset_has_a_guard():
    assert [find_preset(name).summary.guard for name in PRESETS] == [0.1, None, None]


def test_starts_have_the_norm_of_the_regime():
    settings = ascent_settings()
    scale = start_scale(settings, settings.regimes[1], 6.0, (4, 9))
    assert scale * math.sqrt(4 * 9) == pytest.approx(6.0)
    paper = ascent_settings("paper")
    assert start_scale(paper, paper.regimes[0], 6.0, (4, 9)) == 1.0


def test_an_unknown_precision_is_refused():
    assert ascent_settings(precision="bfloat16").precision == "bfloat16"
    with pytest.raises(SettingsError, match="float16"):
        ascent_settings(precision="float16")  # type: ignore[arg-type]
