import io
import json
import zipfile

import pandas as pd
import pytest

from deepresolve_dash.exports import tables
from deepresolve_dash.exports.tables import TABLES, table_parts
from deepresolve_dash.pages import away_routes
from deepresolve_dash.pages.answers import OWN_HEADER
from deepresolve_dash.runs.notes import NoteStore
from tests.commands import call


def test_the_tables_of_a_run_come_as_a_zip(client, run):
    answer = client.get(f"/data/{run.id}/away/tables.zip")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{run.id}-tables.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        assert archive.testzip() is None
        found = {name: archive.read(name) for name in archive.namelist()}
    assert set(found) == {f"{name}.tsv" for name in TABLES}
    rows = pd.read_csv(io.BytesIO(found["channels.tsv"]), sep="\t")
    assert rows.ofiv.tolist() == pytest.approx(run.summary.ofiv.values.ravel().tolist())


def test_the_tables_of_the_page_are_those_of_the_command(client, state, run, tmp_path):
    path = f"/act/runs/{run.id}/notes/add"
    given = {"kind": "class", "thing": 0, "text": "=look at this", "address": f"/runs/{run.id}"}
    told = client.post(path, data=json.dumps(given), headers={OWN_HEADER: "1"}).json
    assert "refused" not in told
    answer = client.get(f"/data/{run.id}/away/tables.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        found = {name: archive.read(name) for name in archive.namelist()}
    done = call("export", run.folder, "--what", "tables", "--out", tmp_path, DRD_STATE=state)
    assert done.code == 0
    assert b"'=look at this" in found["notes.tsv"]
    assert found == {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    NoteStore(state).forget(run.id)


def test_tables_are_made_for_one_at_a_time(client, run):
    address = f"/data/{run.id}/away/tables.zip"
    with away_routes._ONE:
        answer = client.get(address)
    assert (answer.status_code, "Try again" in answer.text) == (429, True)
    assert client.get(address).status_code == 200


@pytest.mark.parametrize("name", list(TABLES))
def test_a_table_is_the_same_in_parts(run, name, monkeypatch):
    monkeypatch.setattr(tables, "_CLASSES_AT_ONCE", 1)
    whole = TABLES[name](run.summary, run.ensemble)
    text = whole.to_csv(sep="\t", index=False, float_format="%.9g")
    assert "".join(table_parts(run.summary, run.ensemble, name)) == text


@pytest.mark.parametrize("name", ["ensemble.nc", "summary.nc", "run.json"])
def test_the_files_of_a_run_come_as_they_are(client, run, name):
    answer = client.get(f"/data/{run.id}/away/{name}")
    assert answer.data == (run.folder / name).read_bytes()


def test_the_matrix_of_a_run_is_hdf5(client, run):
    answer = client.get(f"/data/{run.id}/away/matrix.h5ad")
    assert answer.data.startswith(b"\x89HDF")


@pytest.mark.parametrize("name", ["secret", ".half", "x" * 300])
def test_other_files_are_refused(client, run, name):
    answer = client.get(f"/data/{run.id}/away/{name}")
    assert answer.status_code == 404
    assert client.get("/data/nothing/away/run.json").status_code == 404
