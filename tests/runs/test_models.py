import json
import shutil
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.intake import Corrections
from deepresolve_dash.networks.neutral import save_network
from deepresolve_dash.runs.class_table import change
from deepresolve_dash.runs.models import ModelNotFound, ModelStore
from tests.runs.conftest import small_network

pytestmark = pytest.mark.usefixtures("read_here")


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("source")
    save_network(small_network(), folder)
    return folder


def test_the_same_network_is_kept_once_under_its_last_upload_s_name(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    first = store.add(source, "first")
    second = store.add(source, "second", files=[{"name": "net.h5"}])
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


def test_a_model_that_was_added_again_outlives_the_undoing_of_its_deletion(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "old")
    store.delete(model.id)
    store.add(source, "new")
    assert store.restore(model.id).name == "new"
    with pytest.raises(ModelNotFound, match="bin"):
        store.restore(model.id)


def test_the_bin_is_emptied_of_what_is_old_and_a_demo_stays_deleted(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    demo = store.add(source, "demo")
    store.delete(demo.id)
    store.empty_bin(time.time() - 60)
    assert (store.folder / ".bin" / demo.id / "card.json").is_file()
    store.empty_bin(time.time() + 60)
    assert list((store.folder / ".bin").rglob("*.json")) == []
    with pytest.raises(ModelNotFound, match="bin"):
        store.restore(demo.id)
    shipped = store.add(source, "demo").folder
    shipped.rename(tmp_path / "shipped")
    assert store.provide(tmp_path / "shipped", "demo") is None


def test_a_network_that_is_here_keeps_what_a_user_said_of_it(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    files = [{"name": "net.h5", "bytes": 3, "sha256": "ab"}]
    model = store.add(source, "a", files=files)
    again = store.add(source, "from-the-command-line")
    assert (again.name, list(again.files), again.added) == ("a", files, model.added)
    store.rename(model.id, "mine")
    other = [{"name": "other.h5", "bytes": 3, "sha256": "ab"}]
    again = store.add(source, "other", files=other)
    assert (again.name, list(again.files)) == ("mine", other)
    assert store.add(source, "third", files=other).name == "mine"


@pytest.mark.parametrize("text", ["{", "[]", "{}"])
def test_a_damaged_model_is_passed_over_and_said_in_the_log(source, tmp_path, caplog, text):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a")
    shutil.copytree(model.folder, store.folder / "damaged")
    (store.folder / "damaged" / "about.json").write_text(text)
    assert [one.id for one in store.models()] == [model.id]
    assert store.names() == {model.id: "a"}
    assert "damaged" in caplog.text
    (store.folder / "damaged" / "about.json").unlink()
    assert [one.id for one in store.models()] == [model.id]


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


def test_a_correction_that_changes_nothing_is_refused_and_renames_nothing(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a", files=[{"name": "net.h5"}])
    with pytest.raises(ModelFileError, match="read so already"):
        store.correct(model.id, Corrections(alphabet="ACGT"))
    other = store.correct(model.id, Corrections(flip_kernels=True))
    with pytest.raises(ModelFileError, match=r"no input 'x' beside the sequence.*none"):
        store.correct(model.id, Corrections(held={"x": "1"}))
    assert store.correct(other.id, Corrections(flip_kernels=True)).name == "a"
    assert {one.name for one in store.models()} == {"a", "a (flipped)"}


def age(model):
    """make a card as an earlier version of the program would have"""
    old = {**model.card, "findings": []}
    del old["card_version"], old["choices"]
    (model.folder / "card.json").write_text(json.dumps(old))


def test_an_older_card_is_made_anew_when_the_file_is_given_again(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "a", files=[{"name": "net.h5"}])
    age(model)
    assert "card_version" not in store.open(model.id).card
    again = store.add(source, "a", files=[{"name": "net.h5"}])
    assert (again.card, again.added >= model.added) == (model.card, True)
    age(model)
    again = store.describe_again(model.id)
    assert (again.card, again.name, list(again.files)) == (model.card, "a", [{"name": "net.h5"}])
    (model.folder / "card.json").write_text("{")
    assert store.add(source, "a").card == model.card
    newer = model.card | {"card_version": 99}
    (model.folder / "card.json").write_text(json.dumps(newer))
    assert store.add(source, "a").card == newer


def test_an_older_card_of_a_demo_is_replaced(source, tmp_path):
    store = ModelStore(tmp_path / "models")
    model = store.add(source, "demo")
    shutil.copytree(model.folder, tmp_path / "shipped")
    age(model)
    assert store.provide(tmp_path / "shipped", "demo") is None
    assert store.open(model.id).card == model.card
