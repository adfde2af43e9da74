import numpy as np
import pandas as pd
import pytest

from deepresolve_dash.exports.tables import TABLES, write_tables
from deepresolve_dash.tsv import plain_text
from tests.runs.conftest import small_job


@pytest.fixture(scope="module")
def results():
    from deepresolve_dash.runs.execute import execute

    return execute(small_job(), device="cpu")


def test_every_number_of_the_summary_is_in_its_row(results, tmp_path):
    write_tables(results.summary, results.ensemble, tmp_path)
    rows = pd.read_csv(tmp_path / "channels.tsv", sep="\t")
    assert len(rows) == results.summary.ofiv.size
    one = rows[(rows.regime == "modes") & (rows.class_index == 1) & (rows.channel == 4)].iloc[0]
    assert one.ofiv == pytest.approx(results.summary.ofiv.values[1, 1, 4], rel=1e-6)
    assert one.gradient_at_base == pytest.approx(
        results.ensemble.gradient_at_base.values[1, 4], rel=1e-6
    )
    trials = pd.read_csv(tmp_path / "trials.tsv", sep="\t")
    assert len(trials) == results.summary.weight.size
    assert trials.fiv_6.iloc[-1] == pytest.approx(results.ensemble.fiv.values[1, 1, -1, 6])
    pairs = pd.read_csv(tmp_path / "pairs.tsv", sep="\t")
    assert pairs.similarity.iloc[1] == pytest.approx(results.summary.similarity.values[0, 0, 1])
    classes = pd.read_csv(tmp_path / "classes.tsv", sep="\t")
    assert classes.guarded.isin([0, 1]).all()
    assert classes.bic_1.tolist() == pytest.approx(results.summary.bic.values[..., 0].ravel())


def test_all_tables_start_with_regime_and_class(results):
    for make in TABLES.values():
        columns = list(make(results.summary, results.ensemble).columns[:3])
        assert columns == ["regime", "class_index", "class_name"]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1", "-x", "@SUM(A1)"])
def test_a_name_is_never_a_formula(results, name):
    assert plain_text(name).startswith("'")
    names = {"target_name": ("target", [name, "tab\tnew\nline"])}
    hostile = results.summary.assign_coords(names), results.ensemble.assign_coords(names)
    assert TABLES["channels"](*hostile).class_name.iloc[0] == f"'{name}"


def test_missing_numbers_are_empty(results, tmp_path):
    summary = results.summary.copy(deep=True)
    summary.ofiv.values[:] = np.nan
    write_tables(summary, results.ensemble, tmp_path)
    assert pd.read_csv(tmp_path / "channels.tsv", sep="\t").ofiv.isna().all()
