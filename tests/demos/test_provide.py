import json

import pytest

from deepresolve_dash.demos.provide import provide_demos
from deepresolve_dash.demos.ship import NETWORKS
from deepresolve_dash.networks.card import card
from deepresolve_dash.networks.graph import network_hash
from deepresolve_dash.networks.neutral import load_network
from deepresolve_dash.runs.inputs import InputStore
from deepresolve_dash.runs.models import ModelStore
from deepresolve_dash.runs.store import RunStore

FOLDERS = sorted(NETWORKS.iterdir())


@pytest.fixture
def stores(tmp_path):
    stores = ModelStore(tmp_path / "models"), InputStore(tmp_path)
    provide_demos(*stores)
    return stores


def test_the_demo_runs_can_be_repeated_with_what_is_provided(stores):
    models, inputs = stores
    runs = RunStore([NETWORKS.parent / "runs"]).runs()
    assert len(runs) == len(FOLDERS)
    for run in runs:
        spec = run.info["spec"]
        assert models.open(spec["network"][:16]).card["hash"] == spec["network"]
        assert inputs.open(spec["sequences"]).kind == "sequences"
        assert inputs.open(spec["labels"]).kind == "labels"


def test_metadata_comes_along(stores):
    panel = next(model for model in stores[0].models() if "Panel" in model.name)
    assert {row.cell for row in panel.classes} == {"K562", "HepG2", "GM12878", "A549"}


def test_what_the_user_renamed_or_deleted_stays_so(stores):
    models, inputs = stores
    first, second, *rest = models.models()
    models.rename(first.id, "mine")
    models.delete(second.id)
    provide_demos(models, inputs)
    assert {m.name for m in models.models()} == {"mine", *(m.name for m in rest)}


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_shipped_card_is_that_of_its_network(folder):
    network = load_network(folder)
    expected = {"hash": network_hash(network)} | card(network)
    assert json.loads((folder / "card.json").read_text()) == json.loads(json.dumps(expected))
