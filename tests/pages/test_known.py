from deepresolve_dash.exports.known import known_of
from deepresolve_dash.pages.context import class_rows
from deepresolve_dash.pages.known import known_run


def test_a_run_carries_what_its_pages_know(run, inside):
    known = known_of(known_run(run, {}))
    assert list(known.classes) == class_rows(run)
    assert known.looked == (None, None)  # nobody has looked
    assert known.channel_name(0) == "ch 0"
