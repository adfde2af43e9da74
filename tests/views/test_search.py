import numpy as np

from deepresolve_dash.views.search import data, pattern


def test_a_filter_is_called_by_the_bases_it_likes():
    kernel = np.full((6, 4), -5.0)
    kernel[0] = 0  # says nothing
    for offset, base in enumerate("CAGT", start=1):
        kernel[offset, "ACGT".index(base)] = 5
    kernel[3] = 0
    kernel[5] = 0
    assert pattern(kernel) == "CAnT"


def test_a_filter_that_says_nothing_has_no_pattern():
    assert pattern(np.zeros((4, 4))) == ""


def test_classes_and_channels_of_a_run(run):
    names = run.summary.target_name.values.tolist()
    found = data(run, [[names[0], "ChIP-seq", "ChIP-seq", "insulator"], []])
    assert found["classes"] == [[0, names[0], "ChIP-seq, insulator"], [1, names[1], ""]]
    assert [channel for channel, _ in found["channels"]] == list(range(7))
    assert all(set(letters) <= set("ACGTn") for _, letters in found["channels"])


def test_a_run_without_filters_has_channels_without_patterns(run):
    bare = type(run)(run.folder, run.info)
    bare.__dict__["ensemble"] = run.ensemble.drop_vars("filter")
    bare.__dict__["summary"] = run.summary
    assert data(bare, [[], []])["channels"] == [[k, ""] for k in range(7)]
