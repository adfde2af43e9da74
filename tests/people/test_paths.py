"""No address leads out of the state folder, and no odd request ends in an error of the server."""

import os

import pytest

from tests.generated_runs import tiny_run
from tests.people.conftest import PASSWORD, callback, logged_in, requests_of, served, visitor

SECRET = "what nobody may read"
ODD = (
    "..", "..%2f..%2fsecret", "%2e%2e%2fsecret", "..%5c..%5csecret", "....%2f%2fsecret", ".%00",
    "%2fetc%2fpasswd", "%ff%fe", "a%0d%0aX-Evil:%201", "<script>", "ab%00cd", "linked", "%25", "",
)  # fmt: skip


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("folder")
    state = folder / "state"
    run = tiny_run(state / "runs")
    (folder / "secret").mkdir()
    for name in ("run.json", "net.json", "card.json", "classes.json", "secret.json", "log.txt"):
        (folder / "secret" / name).write_text(f'{{"id": "linked", "name": "{SECRET}"}}')
    (folder / "secret.json").write_text(SECRET)
    for place in ("models", "stories", "sequences", "motifs", "probes", "work", "class-labels"):
        (state / place).mkdir(exist_ok=True)
        os.symlink(folder / "secret", state / place / "linked")
    os.symlink(folder / "secret.json", state / "stories" / "linked.json")
    with served(state) as made:
        made.run = run.id
        yield made


@pytest.fixture
def ann(server, people):
    people.users.add("ann", PASSWORD)
    return logged_in(server, "ann")


def test_no_part_of_an_address_is_a_path(server, ann):
    tried = 0
    for rule, method, path in requests_of(server):
        if "<" not in rule or method != "GET" or rule.startswith("/_dash"):
            continue
        for odd in ODD:
            for part in ("0123456789abcdef", "0123456789ab", "/x.", "/x"):
                if part not in path:
                    continue
                filled = path.replace(part, f"/{odd}{part[2:]}" if part[0] == "/" else odd, 1)
                answer = ann.get(filled)
                tried += 1
                assert answer.status_code < 500, filled
                assert SECRET not in answer.get_data(as_text=True), filled
                assert "X-Evil" not in answer.headers, filled
                assert b"root:" not in answer.data
    assert tried > 500


def test_a_link_in_the_runs_that_leads_out_is_shown_to_nobody(server, ann):
    assert SECRET not in callback(ann, "page.children", [{"page": "gallery"}]).text
    assert SECRET not in callback(ann, "page.children", [{"page": "models"}]).text
    assert SECRET not in callback(ann, "page.children", [{"page": "stories"}]).text
    assert SECRET not in ann.get("/data/search.json").text


@pytest.mark.parametrize(
    "path", ["/data/{}/run.json", "/runs/{}", "/{}", "/stories/{}", "/share/{}"]
)
def test_an_address_of_a_megabyte_is_a_short_answer(ann, path):
    answer = ann.get(path.format("a" * 2**20))
    assert (answer.status_code, answer.text) == (414, "This address is too long.")
    shorter = ann.get(path.format("a" * 4000))
    assert shorter.status_code < 500


def test_a_page_key_of_any_kind_is_answered(server, ann):
    for key in (
        {"page": "class", "run": "../../secret", "target": 0},
        {"page": "model", "model": "linked"},
        {"page": "model", "model": "../secret"},
        {"page": "story", "story": "../../secret"},
        {"page": "class", "run": {"a": 1}, "target": []},
        {"page": "probe", "run": "x" * 10_000},
        {"page": "new", "from": "../secret"},
        {"page": "__class__"},
        {},
        None,
        [],
        "x",
        1e400,
    ):
        answer = callback(ann, "page.children", [key])
        assert answer.status_code < 500, key
        assert SECRET not in answer.text


def test_a_wrong_host_is_turned_away_before_anybody_is_asked(server):
    assert visitor(server, host="evil.example").get("/login").status_code == 403
