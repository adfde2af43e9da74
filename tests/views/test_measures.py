import pytest

from deepresolve_dash.views.measures import count, duration, size


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (None, "–"),
        (float("nan"), "–"),
        (0.2, "less than 1 s"),
        (40.2, "40 s"),
        (59.9, "1 min"),
        (3599, "1.0 h"),
        (12600, "3.5 h"),
        (86400 * 12, "12 days"),
    ],
)
def test_a_time_is_said_in_the_unit_that_fits(seconds, said):
    assert duration(seconds) == said


@pytest.mark.parametrize(
    ("n", "said"),
    [
        (0, "0 bytes"),
        (1023, "1023 bytes"),
        (2048, "2 kB"),
        (1023.7 * 2**10, "1 MB"),
        (1010 * 2**20, "1,010 MB"),
        (2**31, "2 GB"),
        (2**53, "8,388,608 GB"),
    ],
)
def test_a_size_is_said_in_the_unit_that_fits(n, said):
    assert size(n) == said


def test_one_and_several():
    assert [count(1, "class", "classes"), count(1200, "run")] == ["1 class", "1,200 runs"]
