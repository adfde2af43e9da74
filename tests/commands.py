"""Call a command in the process of the tests, which has torch already."""

import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest

from deepresolve_dash.__main__ import main

ROOT = Path(__file__).parents[1]


class Called(NamedTuple):
    """Exit code, output and errors of a command."""

    code: int
    out: str
    error: str


def call(*arguments, **environment) -> Called:
    """Call `deepresolve ARGUMENTS` from the root of the checkout."""
    out, error = StringIO(), StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(error):
        patch.setattr(sys, "argv", ["deepresolve", *map(str, arguments)])
        patch.chdir(ROOT)
        for name, value in environment.items():
            patch.setenv(name, str(value))
        with pytest.raises(SystemExit) as ended:
            main()
    return Called(ended.value.code or 0, out.getvalue(), error.getvalue())
