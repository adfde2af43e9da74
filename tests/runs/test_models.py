from concurrent.futures import ThreadPoolExecutor

import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.class_table import change
from deepresolve_dash.runs.models import ModelNotFound, ModelStore
from tests.runs.conftest import small_network


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    save_network(small_network(), folder)
    return folder


def test_the_same_network_is_kept_once_under_its_last_name(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    first = store.add(source, "first")
    second = store.add(source, "second")
    assert first.id == second.id
    assert [model.name for model in store.models()] == ["second"]
    assert second.card["hash"].startswith(second.id)


def test_a_corrected_model_stands_beside_the_first(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    other = store.correct(model.id, Corrections(class_names=("x", "y")))
    assert {m.id for m in store.models()} == {model.id, other.id}
    assert store.open(other.id).card["classes"] == ["x", "y"]


def test_a_deleted_model_can_be_taken_back(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    store.delete(model.id)
    assert store.models() == []
    with pytest.raises(ModelNotFound):
        store.open(model.id)
    assert store.restore(model.id).name == "a"
    assert [m.id for m in store.models()] == [model.id]


def test_a_refused_file_leaves_what_was_there(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    store.add(source, "a")
    (tmp_path / "bad.h5").write_text("no")
    with pytest.raises(ModelFileError):
        store.add(tmp_path / "bad.h5", "bad")
    assert [model.name for model in store.models()] == ["a"]
    assert [p.name for p in store.folder.iterdir()] == [store.models()[0].id]


@pytest.mark.parametrize("model_id", ["", "..", "../a", "a/b", "nope", ".bin"])
def test_an_id_that_is_none_is_refused(model_id, tmp_path):
    with pytest.raises(ModelNotFound):
        ModelStore(tmp_path).open(model_id)
    with pytest.raises(ModelNotFound):
        ModelStore(tmp_path).restore(model_id)


def test_a_name_must_not_be_empty(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    with pytest.raises(ModelFileError):
        store.rename(model.id, "  ")
    assert store.rename(model.id, "b").name == "b"


def test_what_is_said_of_classes_stays_beside_the_network(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    rows = (change(model.classes[0], "name", "K562|CTCF|None"), model.classes[1])
    told = store.describe_classes(model.id, rows)
    assert told.id == model.id
    assert told.card["hash"] == model.card["hash"]
    assert told.card["classes"] == ["K562|CTCF|None", model.card["classes"][1]]
    assert told.classes[0].cell == "K562"
    assert store.rename(model.id, "b").classes == told.classes
    assert store.add(source, "c").classes == told.classes


def test_a_model_remembers_where_it_came_from(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    files = [{"name": "net.json", "bytes": 3, "sha256": "ab"}]
    model = store.add(source, "a", files=files)
    renamed = store.rename(model.id, "b")
    assert list(renamed.files) == files
    assert renamed.added == model.added > "2020"


def test_changes_of_classes_at_once_are_all_kept(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    edits = [(i % len(model.classes), field) for i, field in enumerate(["cell", "assay"] * 10)]

    def edit(one):
        index, field = one

        def changed(rows):
            return [
                change(row, field, f"{field} {index}") if i == index else row
                for i, row in enumerate(rows)
            ]

        store.change_classes(model.id, changed)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(edit, edits))
    rows = store.open(model.id).classes
    assert all(getattr(rows[index], field) == f"{field} {index}" for index, field in edits)
    assert not list(model.folder.glob("*.half"))


def test_a_corrected_model_bears_its_mark_and_what_was_told(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    told = [change(row, "cell", "K562") for row in model.classes]
    store.describe_classes(model.id, told)
    other = store.correct(model.id, Corrections(flip_kernels=True, alphabet="AGCT"))
    assert other.name == "a (flipped, AGCT)"
    assert {row.cell for row in other.classes} == {"K562"}
