import pytest

from deepresolve_dash.networks import intake, intake_child


@pytest.fixture
def read_here(monkeypatch):
    """Read models in this process, for tests that are not about the child that reads them."""
    monkeypatch.setattr(intake, "_ask", lambda request, *_: intake_child.answer(request))
