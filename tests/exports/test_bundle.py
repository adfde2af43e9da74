import io
import json
import re
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from deepresolve_dash.errors import DeepResolveError, RunRefused
from deepresolve_dash.exports import bundle
from deepresolve_dash.exports.bundle import VIEW, View, bundle_bytes, bundle_name, digest, link_of
from deepresolve_dash.exports.figures.registry import PANELS
from deepresolve_dash.exports.jaspar_papers import cited
from deepresolve_dash.exports.known import Known, known_of, with_known
from deepresolve_dash.exports.methods import methods_text, references
from deepresolve_dash.exports.sealed import NotSealed, pack, unpack
from deepresolve_dash.exports.verify import NotABundle, verify
from deepresolve_dash.runs.class_table import ClassRow
from deepresolve_dash.runs.named import changed_run
from deepresolve_dash.runs.store import Run, RunStore
from deepresolve_dash.views.selection import Selection
from tests.commands import call
from tests.generated_runs import tiny_run

HOSTILE = "=cmd()\t<script>`$\\frac 😀\n" + "x" * 300


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    return tmp_path_factory.mktemp("state")


@pytest.fixture(scope="module")
def run(state):
    return tiny_run(state / "runs")


@pytest.fixture(scope="module")
def contents(run, state):
    return bundle_bytes(view_of(run), state)


def view_of(run, name="ofiv", **asked):
    return View(PANELS[name], run, Selection(run.id, 1, "modes"), asked, site="http://lab/")


def files_of(contents):
    with zipfile.ZipFile(io.BytesIO(contents)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def resealed(contents, **changes):
    """A bundle with files changed and its list of hashes put right, as a forger would."""
    files = files_of(contents) | {name.replace("_", "."): c for name, c in changes.items()}
    told = json.loads(files[VIEW])
    told["sha256"] = {name: digest(c) for name, c in files.items() if name != VIEW}
    told["run"]["sha256"] = {name: digest(files[name]) for name in bundle.RUN_FILES}
    return pack(files | {VIEW: json.dumps(told).encode()})


def checked(contents, folder, state=None):
    path = folder / "view.zip"
    path.write_bytes(contents)
    state = state or folder
    return verify(path, RunStore([state / "runs"]), state)


def test_a_bundle_agrees_with_itself_where_nothing_else_is(contents, run, tmp_path):
    found = checked(contents, tmp_path)
    assert found.agrees
    assert not found.damages
    assert {one.name for one in found.summary} >= {"ofiv", "kind", "similarity", "bic"}
    assert found.rows
    assert not [one for one in (*found.summary, *found.rows) if one.n_different]
    assert found.id == digest(files_of(contents)[VIEW])
    assert any("network is not here" in note for note in found.notes)


def test_it_says_what_it_is(contents, run):
    files = files_of(contents)
    told = json.loads(files[VIEW])
    assert told["link"].startswith(f"http://lab/runs/{run.id}/class/1-")
    assert told["link"].endswith("?regime=modes")
    assert told["run"]["spec"] == run.info["spec"]
    assert told["model"]["network"] == run.info["spec"]["network"]
    assert told["versions"]["numpy"] == np.__version__
    assert told["sha256"] == {name: digest(c) for name, c in files.items() if name != VIEW}
    for name in ("ensemble.nc", "summary.nc", "run.json"):
        assert files[name] == (run.folder / name).read_bytes()
    rows = pd.read_csv(io.BytesIO(files["rows.tsv"]), sep="\t")
    assert len(rows)
    methods, references = files["METHODS.md"].decode(), files["references.bib"].decode()
    settings = run.info["spec"]["settings"]
    assert f"{settings['n_trials']} random starts" in methods
    assert f"seed {settings['seed']}" in methods
    for key in ("deepresolve2019", "deepresolvedash"):
        assert f"@{key}" in methods
        assert f"{{{key}," in references
    assert "10.1186/s12859-019-2957-4" in references
    assert "tomtom" not in references
    assert b"<text" in files["figure.svg"]
    assert files["figure.pdf"].startswith(b"%PDF")


def test_the_same_view_is_the_same_bundle(contents, run, state):
    assert bundle_bytes(view_of(run), state) == contents
    assert bundle_name("x", contents) == f"x-{digest(contents)[:12]}.zip"


def test_every_changed_byte_is_told(contents, tmp_path):
    silent = []
    for at in [*range(0, 64), *np.linspace(64, len(contents) - 1, 150).astype(int)]:
        flipped = bytearray(contents)
        flipped[at] ^= 0x10
        try:
            found = checked(bytes(flipped), tmp_path)
        except DeepResolveError:
            continue
        if not found.damages or found.agrees:
            silent.append(at)
    assert silent == []


def test_a_changed_byte_is_named_with_its_file(contents, tmp_path):
    files = files_of(contents)
    for name in ("summary.nc", "rows.tsv", "figure.svg"):
        flipped = bytearray(contents)
        flipped[contents.index(files[name]) + len(files[name]) // 2] ^= 1
        assert [one.file for one in checked(bytes(flipped), tmp_path).damages] == [name]
    # hashes that were not put right
    found = checked(pack(files | {"rows.tsv": files["rows.tsv"] + b"\n"}), tmp_path)
    assert [one.file for one in found.damages] == ["rows.tsv"]
    assert found.summary is None
    assert not found.agrees


def test_files_that_are_missing_or_too_many_are_named(contents, tmp_path):
    files = files_of(contents)
    less = {name: c for name, c in files.items() if name != "figure.pdf"}
    assert [one.file for one in checked(pack(less), tmp_path).damages] == ["figure.pdf"]
    for name in ("../../../etc/cron.d/x", "/etc/passwd", "extra.txt"):
        found = checked(pack(files | {name: b"x"}), tmp_path)
        assert [one.file for one in found.damages] == [name]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["view.zip"]


def test_numbers_that_do_not_follow_from_the_ensemble_are_told(contents, run, tmp_path):
    rows = files_of(contents)["rows.tsv"].decode().splitlines()
    cells = rows[1].split("\t")
    column = next(i for i, cell in enumerate(cells) if "." in cell)
    cells[column] = str(float(cells[column]) + 1)
    forged = "\n".join([rows[0], "\t".join(cells), *rows[2:]]) + "\n"
    found = checked(resealed(contents, rows_tsv=forged.encode()), tmp_path)
    wrong = [one.name for one in found.rows if not one.agrees]
    assert (found.damages, wrong) == ([], [rows[0].split("\t")[column]])
    short = "\n".join(rows[:-1]) + "\n"
    found = checked(resealed(contents, rows_tsv=short.encode()), tmp_path)
    assert [one.name for one in found.rows if not one.agrees] == ["rows"]
    summary = run.summary.copy(deep=True)
    summary.ofiv.values[0, 0, 0] += 1
    made = bundle._dataset_bytes(summary)
    found = checked(resealed(contents, summary_nc=made), tmp_path)
    assert [one.name for one in found.summary if not one.agrees] == ["ofiv"]
    assert not found.agrees


def test_a_bundle_that_was_packed_again_is_the_same(contents, tmp_path):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files_of(contents).items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 2, 3, 4, 6)), content)
    assert checked(made.getvalue(), tmp_path).agrees


@pytest.mark.parametrize("share", [0.0, 0.2, 0.9, 0.999])
def test_a_bundle_that_was_cut_short_is_refused(contents, share, tmp_path):
    with pytest.raises(NotSealed):
        checked(contents[: int(share * len(contents))], tmp_path)


def test_bombs_and_other_zips_are_refused(contents, tmp_path):
    many = pack({f"{i}": b"" for i in range(100)})
    with pytest.raises(NotSealed, match="100 files"):
        checked(many, tmp_path)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr(VIEW, b"{}")
        with archive.open("bomb", "w") as file:
            for _ in range(260):
                file.write(bytes(2**20))
    with pytest.raises(NotSealed, match="260 MB"):
        checked(made.getvalue(), tmp_path)
    with pytest.raises(NotABundle, match="view.json is missing"):
        checked(pack({"a": b"b"}), tmp_path)
    for text in (b"{", b"[]", b"{}", b'{"format": 1, "sha256": {"a": 1}, "run": {}}'):
        with pytest.raises(NotABundle, match="damaged"):
            checked(pack(files_of(contents) | {VIEW: text}), tmp_path)


def test_a_bundle_of_a_newer_program_is_refused(contents, tmp_path):
    files = files_of(contents)
    told = json.loads(files[VIEW]) | {"format": bundle.BUNDLE_FORMAT + 1, "made_by": "Dash 9"}
    with pytest.raises(NotABundle, match="newer program .Dash 9"):
        checked(pack(files | {VIEW: json.dumps(told).encode()}), tmp_path)


def test_a_file_that_reaches_out_is_not_read(contents, tmp_path):
    import h5py

    (tmp_path / "secret").write_bytes(bytes(8))
    path = tmp_path / "hostile.nc"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1,), "f8", external=[(str(tmp_path / "secret"), 0, 8)])
    found = checked(resealed(contents, ensemble_nc=path.read_bytes()), tmp_path)
    assert any("something else than numbers" in note for note in found.notes)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (2**40,), "f8", chunks=(2**20,))
    found = checked(resealed(contents, ensemble_nc=path.read_bytes()), tmp_path)
    assert any("GB of numbers" in note for note in found.notes)
    assert not found.agrees


def test_a_run_that_is_too_large_is_looked_for(run, state, tmp_path, monkeypatch):
    monkeypatch.setattr(bundle, "LARGEST_RUN", 10)
    contents = bundle_bytes(view_of(run), state)
    assert "ensemble.nc" not in files_of(contents)
    assert checked(contents, tmp_path, state).agrees
    found = checked(contents, tmp_path, tmp_path / "elsewhere")
    assert not found.agrees
    assert any("Verify where it is." in note for note in found.notes)


@pytest.mark.parametrize(
    ("database", "said", "reference"),
    [
        ("JASPAR2026 CORE vertebrates", "JASPAR 2026 CORE vertebrates [@jaspar2026]", "gkaf1209"),
        ("JASPAR2016 CORE plants", "JASPAR 2016 CORE plants [@jaspar2016]", "gkv1176"),
        ("JASPAR2024 UNVALIDATED fungi", "JASPAR 2024 UNVALIDATED fungi [@jaspar2024]", "gkad1059"),
        ("JASPAR2030 CORE insects", "JASPAR 2030 CORE insects [@jaspar2026]", "gkaf1209"),
        (None, "of JASPAR [@jaspar2026]", "gkaf1209"),
        ("own_<b>.meme", "the motif file own\\_\\<b\\>.meme that", ""),
    ],
)
def test_the_database_that_was_used_is_cited(run, database, said, reference):
    matches = xr.Dataset(attrs={"database": database}) if database else None
    named = with_known(run, Known([], {2: "CTCF"}, lambda: (None, matches)))
    assert said in methods_text(named, title="x", link="/x")
    told = references(named)
    keys = set(re.findall(r"@(\w+)[\],;]", methods_text(named, title="x", link="/x")))
    assert keys == set(re.findall(r"^@\w+{(\w+),", told, re.MULTILINE))
    assert told.count("nar/") == (1 if reference else 0)
    assert reference in told


def test_every_release_at_hand_has_its_own_paper():
    from pyjaspar import jaspar_releases

    for release in jaspar_releases:
        year = release.removeprefix("JASPAR")
        told = cited(f"{release} CORE vertebrates")
        assert told.key == f"jaspar{year}"
        assert f"{{JASPAR}} {year}:" in told.entry


def test_names_labels_and_motifs_of_the_page_travel_along(run, state, tmp_path):
    labels = np.full((2, 2), 0.25)
    shown = changed_run(
        run,
        run.summary.assign_coords(target_name=("target", ["a", HOSTILE])).assign(
            label_correlation=(("target", "other_target"), labels)
        ),
    )
    known = Known([ClassRow("a"), ClassRow(HOSTILE, cell="K562")], {2: HOSTILE})
    contents = bundle_bytes(view_of(with_known(shown, known)), state)
    files = files_of(contents)
    assert "labels.npy" in files
    assert "tomtom2007" in files["references.bib"].decode()
    assert "<script>" not in files["METHODS.md"].decode()
    found = checked(contents, tmp_path)
    assert found.agrees
    assert known_of(run).called == {}


def test_what_will_change_is_not_cited(run, state):
    info = run.info | {"partial": {"classes_done": 1, "classes": 2}}
    with pytest.raises(RunRefused, match="still being computed"):
        bundle_bytes(view_of(Run(run.folder, info)), state)
    with pytest.raises(DeepResolveError, match="no class 9"):
        link_of(replace(view_of(run), selection=Selection(run.id, 9)))


def test_the_command_says_what_it_found(contents, tmp_path):
    path = tmp_path / "view.zip"
    path.write_bytes(contents)
    done = call("verify", path, DRD_STATE=tmp_path)
    assert (done.code, done.error) == (0, "")
    assert "It agrees" in done.out
    told = json.loads(call("verify", path, "--json", DRD_STATE=tmp_path).out)
    assert told["agrees"]
    assert told["damages"] == []
    flipped = bytearray(contents)
    flipped[contents.index(files_of(contents)["figure.svg"]) + 9] ^= 1
    path.write_bytes(bytes(flipped))
    done = call("verify", path, DRD_STATE=tmp_path)
    assert done.code == 1
    assert "figure.svg: " in done.out
    path.write_bytes(b"something else")
    done = call("verify", path, DRD_STATE=tmp_path)
    assert (done.code, done.error.count("\n")) == (2, 1)
    assert call("verify", tmp_path / "none.zip").code == 2


def test_a_zip_is_read_as_it_was_packed(tmp_path):
    files = {"b": b"1", "a": b"", "ü": bytes(range(256))}
    (tmp_path / "x.zip").write_bytes(pack(files))
    assert unpack(tmp_path / "x.zip").files == files
    assert unpack(tmp_path / "x.zip").damages == ()
