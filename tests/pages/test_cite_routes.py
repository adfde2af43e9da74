import io
import json
import zipfile

import pytest

from deepresolve_dash.exports.verify import verify
from deepresolve_dash.runs.store import RunStore


def test_the_bundle_of_a_view_agrees_and_is_called_after_it(client, run, state, tmp_path):
    query = {"target": 1, "regime": "modes", "bars": "all", "width": 85}
    answer = client.get(f"/data/{run.id}/cite/ofiv.zip", query_string=query)
    assert answer.status_code == 200
    name = answer.headers["Content-Disposition"]
    assert name.startswith(f'attachment; filename="Tiny-{run.id}-class-1-')
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        told = json.loads(archive.read("view.json"))
    assert told["link"].startswith("http://localhost/runs/")
    assert told["link"].endswith("?bars=all&regime=modes")
    assert told["asked"] == {"bars": "all"}
    path = tmp_path / "view.zip"
    path.write_bytes(answer.data)
    assert verify(path, RunStore([]), tmp_path).agrees


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("ofiv.zip?target=99", "no class 99"),
        ("nothing.zip", "no figure 'nothing'"),
        ("ofiv.zip?width=wide", "no width"),
    ],
)
def test_what_cannot_be_cited_is_said(client, run, address, says):
    answer = client.get(f"/data/{run.id}/cite/{address}")
    assert (answer.status_code, says in answer.text) == (404, True)
