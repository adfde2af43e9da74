import pytest

from app import make_app
from deepresolve_dash.settings import Settings
from tests.generated_runs import tiny_run


@pytest.fixture(scope="session")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="session")
def run(state):
    return tiny_run(state / "runs")


@pytest.fixture(scope="session")
def dashboard(state, run):
    made = make_app(Settings(state=state), demos=state / "no-demos")
    yield made
    made.server.extensions["deepresolve"].cache.close()


@pytest.fixture
def client(dashboard):
    return dashboard.server.test_client()


@pytest.fixture
def inside(dashboard):
    with dashboard.server.test_request_context():
        yield
