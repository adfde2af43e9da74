import json

import h5py
import numpy as np
import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs import added_labels
from deepresolve_dash.runs.added_labels import AddedLabelsStore, answer
from deepresolve_dash.runs.label_table import match_labels, read_label_table
from tests.generated_runs import tiny_run

TARGETS, NAMES = [0, 1, 2, 3], ["a|b", "same", "same", "d"]
LABELS = np.random.default_rng(3).integers(0, 2, (29, 3)).astype(float)


def tsv(path, header=("sequence", "a|b", "1", "nobody")):
    rows = ["\t".join([f"s{k}", *(f"{v:g}" for v in row)]) for k, row in enumerate(LABELS)]
    path.write_text("\n".join(["\t".join(header), *rows]) + "\n")
    return path


@pytest.fixture(params=["tsv", "npz", "h5"])
def file(request, tmp_path):
    path = tmp_path / f"labels.{request.param}"
    columns = ["a|b", "1", "nobody"]
    if request.param == "tsv":
        return tsv(path)
    if request.param == "npz":
        np.savez(path, labels=LABELS, classes=np.array(columns))
        return path
    with h5py.File(path, "w") as made:
        made["labels"], made["classes"] = LABELS, columns
    return path


def test_labels_of_three_formats_are_found_by_name_and_by_index(file):
    found = match_labels(read_label_table(file, file.name), TARGETS, NAMES)
    assert (found.n, found.by_name, found.by_index) == (29, 1, 1)
    assert (found.missing, found.unused, found.constant) == ((2, 3), ("nobody",), ())
    assert found.correlation[0, 1] == pytest.approx(np.corrcoef(LABELS.T)[0, 1])
    assert np.isnan(found.correlation[2:]).all()


def test_columns_without_names_are_the_classes_in_their_order(tmp_path):
    np.savez(tmp_path / "bare.npz", whatever=LABELS)
    found = match_labels(read_label_table(tmp_path / "bare.npz", "bare.npz"), TARGETS, NAMES)
    assert (found.by_name, found.by_index, found.missing) == (0, 3, (3,))


def test_a_label_that_never_changes_is_named(tmp_path):
    values = LABELS.copy()
    values[:, 0] = 1
    np.savez(tmp_path / "one.npz", labels=values)
    found = match_labels(read_label_table(tmp_path / "one.npz", "one.npz"), TARGETS, NAMES)
    assert found.constant == (0,)
    assert np.isnan(found.correlation[0]).all()


def broken(path, kind):
    match kind:
        case "empty.tsv":
            path.write_text("")
        case "words.tsv":
            path.write_text("a\tb\nno\tnumbers\n")
        case "ragged.tsv":
            path.write_text("a\tb\n1\t2\n3\n")
        case "nan.tsv":
            path.write_text("a\tb\n1\tnan\n")
        case "zip.npz":
            path.write_bytes(b"PK\x03\x04 broken")
        case "pickle.npz":
            np.savez(path, labels=np.array([[{}]], dtype=object))
        case "flat.npz":
            np.savez(path, labels=np.arange(3.0))
        case "misnamed.npz":
            np.savez(path, labels=LABELS, classes=np.array(["one"]))
        case "text.h5":
            path.write_text("not HDF5")


@pytest.mark.parametrize(
    "kind",
    ["empty.tsv", "words.tsv", "ragged.tsv", "nan.tsv", "zip.npz", "pickle.npz", "flat.npz",
     "misnamed.npz", "text.h5"],
)  # fmt: skip
def test_what_is_no_file_of_labels_is_refused_with_the_way_out(tmp_path, kind):
    broken(tmp_path / kind, kind)
    with pytest.raises(SettingsError) as refused:
        read_label_table(tmp_path / kind, kind)
    assert kind in str(refused.value)
    assert "class names" in str(refused.value)


def test_an_archive_that_unpacks_to_too_much_is_refused(tmp_path, monkeypatch):
    np.savez(tmp_path / "large.npz", labels=LABELS)
    monkeypatch.setattr("deepresolve_dash.runs.label_table.MOST_BYTES", 100)
    with pytest.raises(SettingsError, match="too large"):
        read_label_table(tmp_path / "large.npz", "large.npz")


def test_a_file_of_other_classes_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="Fewer than two"):
        match_labels(read_label_table(tsv(tmp_path / "x.tsv"), "x.tsv"), [7, 8], ["x", "y"])


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A store whose child is this process."""
    monkeypatch.setattr(added_labels, "_ask", answer)
    return AddedLabelsStore(tmp_path / "added")


def test_a_run_gets_labels_and_loses_them(store, tmp_path):
    run = tiny_run(tmp_path / "runs")
    before = run.summary.label_correlation.values.copy()
    path = tsv(tmp_path / "labels.tsv", ("sequence", "0", "1", "nobody"))
    assert store.with_labels(run) is None
    told = store.add(run, path, "labels.tsv")
    assert (told.n, told.by_index, told.unused) == (29, 2, ("nobody",))
    given = store.with_labels(run).label_correlation.values
    assert given[0, 1] == pytest.approx(np.corrcoef(LABELS.T)[0, 1], abs=1e-6)
    assert store.of(run) == told
    assert np.array_equal(run.summary.label_correlation.values, before)
    store.remove(run.id)
    assert store.with_labels(run) is None
    assert store.stamp(run.id) == 0


def test_a_refused_file_leaves_what_was_there(store, tmp_path):
    run = tiny_run(tmp_path / "runs")
    told = store.add(run, tsv(tmp_path / "good.tsv", ("s", "0", "1", "x")), "good.tsv")
    broken(tmp_path / "words.tsv", "words.tsv")
    with pytest.raises(SettingsError):
        store.add(run, tmp_path / "words.tsv", "words.tsv")
    assert store.of(run).file == told.file


def test_labels_of_other_classes_are_passed_over(store, tmp_path):
    run = tiny_run(tmp_path / "runs")
    store.add(run, tsv(tmp_path / "labels.tsv", ("s", "0", "1", "x")), "labels.tsv")
    path = store.folder / f"{run.id}.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"targets": [0, 1, 2]}))
    assert store.of(run) is None
    assert store.with_labels(run) is None


def test_a_child_reads_the_file(tmp_path):
    run = tiny_run(tmp_path / "runs")
    store = AddedLabelsStore(tmp_path / "added")
    told = store.add(run, tsv(tmp_path / "labels.tsv", ("s", "0", "1", "x")), "labels.tsv")
    assert told.n == 29
    assert [path.name for path in tmp_path.glob("*.npy")] == []
