import pytest

from deepresolve_dash.views.selection import Selection
from tests.generated_runs import PLAIN_TARGET, XOR_TARGET, tiny_run


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    return tiny_run(tmp_path_factory.mktemp("runs"))


@pytest.fixture
def xor(run):
    return Selection(run.id, XOR_TARGET)


@pytest.fixture
def plain(run):
    return Selection(run.id, PLAIN_TARGET)
