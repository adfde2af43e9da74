import io

from Bio.Phylo import NewickIO

from tests.commands import call


def test_the_tree_is_a_file_with_every_class(client, run):
    answer = client.get(f"/data/{run.id}/tree.nwk?regime=importance")
    assert answer.status_code == 200
    assert f"{run.id}-classes.nwk" in answer.headers["Content-Disposition"]
    tree = next(NewickIO.parse(io.StringIO(answer.text)))
    names = {str(name) for name in run.summary.target_name.values}
    assert {leaf.name for leaf in tree.get_terminals()} == names


def test_the_tree_of_the_command_is_that_of_the_page(client, state, run, tmp_path):
    out = tmp_path / "t.nwk"
    done = call("export", run.folder, "--what", "tree", "--out", out, DRD_STATE=state)
    assert (done.code, done.out) == (0, f"{out}\n")
    assert out.read_bytes() == client.get(f"/data/{run.id}/tree.nwk").data


def test_no_run_no_tree(client):
    assert client.get("/data/nothing/tree.nwk").status_code == 404
