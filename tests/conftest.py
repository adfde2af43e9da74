from contextlib import contextmanager

import pytest

from deepresolve_dash.networks import intake, reading


def pytest_collection_modifyitems(items):
    """Begin with the test that mostly waits, so that others run beside it."""
    items.sort(key=lambda item: "test_kill.py" not in item.nodeid)


def pytest_make_parametrize_id(val, argname):
    """Count bytes instead of printing them: what is packed has the second of its making in it."""
    return argname if isinstance(val, bytes) else None


@contextmanager
def reading_here():
    """Read models in this process, not in a child."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(intake, "ask", lambda _, request, **limits: reading.answer(request))
        yield


@pytest.fixture
def read_here():
    """Read models in this process, for tests that are not about the child that reads them."""
    with reading_here():
        yield
