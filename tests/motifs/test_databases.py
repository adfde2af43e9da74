"""Motif files of users, good and hostile."""

import numpy as np
import pytest

from deepresolve_dash.errors import DeepResolveError
from deepresolve_dash.motifs.databases import (
    Database,
    database_motifs,
    file_database,
    jaspar_database,
    read_meme,
)

HEAD = "MEME version 5\n\nALPHABET= ACGT\n\nstrands: + -\n\n"
ROW = " 0.7 0.1 0.1 0.1\n"


def motif(name, rows=ROW * 3, width=3):
    return f"MOTIF {name}\nletter-probability matrix: alength= 4 w= {width} nsites= 20 E= 0\n{rows}"


MANY = "\n".join(motif(f"M{i}.1 name{i}") for i in range(25))


def write(folder, text, name="motifs.meme"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_motifs_are_read_with_their_names_and_sum_to_one(tmp_path):
    rounded = motif("odd\tits  name", rows=" 0.333 0.333 0.333 0.0\n", width=1)
    motifs = read_meme(write(tmp_path, HEAD + MANY + "\n" + rounded + "URL http://x\n"))
    assert list(motifs)[:2] == ["M0.1", "M1.1"]
    assert (motifs["M3.1"].name, motifs["odd"].name) == ("name3", "its name")
    np.testing.assert_allclose(motifs["M0.1"].pwm, [[0.7, 0.1, 0.1, 0.1]] * 3)
    np.testing.assert_allclose(motifs["odd"].pwm, [[1 / 3, 1 / 3, 1 / 3, 0]])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "does not begin with 'MEME version'"),
        (HEAD, "there is no motif in it"),
        (HEAD + motif("M1"), "holds 1 motifs: p-values need 25"),
        (b"MEME version 5\n\xff\xfe\x00", "it is not a text file"),
        (HEAD + MANY + "\n" + motif("M3.1"), "'M3.1' is there twice"),
        (HEAD.replace("ACGT", "ACDEFGHIKLMNPQRSTVWY") + MANY, "its alphabet is not ACGT"),
        (HEAD + motif("M", rows=" 0.5 0.5 0.5 0.5\n" * 3), "'M' is not 3 rows of four"),
        (HEAD + motif("M", rows=" 1.2 -0.2 0 0\n" * 3), "'M' is not 3 rows of four"),
        (HEAD + motif("M", rows=" nan 1 0 0\n" * 3), "'M' is not 3 rows of four"),
        (HEAD + motif("M", rows=" 0.5 0.5\n" * 3), "'M' is not 3 rows of four"),
        (HEAD + motif("M", rows=ROW), "'M' is not 3 rows of four"),
        (HEAD + motif("M", width=999999999), "is no matrix of 1 to 200 positions"),
        (HEAD + "MOTIF\n", "names no motif"),
        (HEAD + motif("M").replace("MOTIF M\n", ""), "is no matrix"),
    ],
)
def test_what_cannot_be_used_is_one_sentence(tmp_path, text, says):
    with pytest.raises(DeepResolveError, match=says) as refused:
        read_meme(write(tmp_path, text))
    assert "\n" not in str(refused.value)


def test_a_missing_file_and_a_huge_one_are_refused(tmp_path, monkeypatch):
    with pytest.raises(DeepResolveError, match="There is no file"):
        read_meme(tmp_path / "none.meme")
    monkeypatch.setattr("deepresolve_dash.motifs.databases.MOST_BYTES", 10)
    with pytest.raises(DeepResolveError, match="larger than"):
        read_meme(write(tmp_path, HEAD + MANY))


def test_a_database_is_known_by_its_content(tmp_path):
    one = file_database(write(tmp_path, HEAD + MANY))
    same = file_database(write(tmp_path, HEAD + MANY, "other.meme"))
    assert one.id == same.id
    assert (one.title, same.title) == ("motifs.meme", "other.meme")
    ids = {one.id, jaspar_database().id, jaspar_database("JASPAR2016").id}
    assert len(ids) == 3
    assert jaspar_database() == Database()


def test_a_file_that_changed_is_not_taken_for_the_same(tmp_path):
    path = write(tmp_path, HEAD + MANY)
    database = file_database(path)
    assert len(database_motifs(database, path)) == 25
    write(tmp_path, HEAD + MANY.replace("0.7", "0.69"))
    with pytest.raises(DeepResolveError, match="has changed"):
        database_motifs(database, path)
    with pytest.raises(DeepResolveError, match="not here any more"):
        database_motifs(database, tmp_path / "gone")
