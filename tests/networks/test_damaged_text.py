"""Texts in a damaged file: lists of them without an end, names with half a letter."""

import zipfile

import pytest

from deepresolve_dash.errors import ModelFileError
from deepresolve_dash.networks.read import read_network
from tests.networks.zoo_files import ZOO

SAME = ZOO / "same"


def members(name):
    with zipfile.ZipFile(name) as archive:
        return {member: archive.read(member) for member in archive.namelist()}


def packed(path, found):
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in found.items():
            archive.writestr(name, data)
    return path


def without_end(data):
    """Overwrite what the first heap says of the room it has left."""
    place = start = data.index(b"GCOL")
    end = start + int.from_bytes(data[start + 8 : start + 16], "little")
    place += 16
    while data[place : place + 2] != b"\0\0":
        place += 16 + -(-int.from_bytes(data[place + 8 : place + 16], "little") // 8) * 8
        assert place + 16 < end
    return data[:place] + bytes(16) + data[place + 16 :]


def test_a_heap_without_an_end_is_refused_before_the_library_goes_round_in_it(tmp_path):
    whole = tmp_path / "m.h5"
    whole.write_bytes(without_end((SAME / "keras2.h5").read_bytes()))
    found = members(SAME / "keras3.keras")
    found["model.weights.h5"] = without_end(found["model.weights.h5"])
    for path in (whole, packed(tmp_path / "m.keras", found)):
        with pytest.raises(ModelFileError, match="a list of its texts has no end"):
            read_network(path)


@pytest.mark.parametrize("name", ["hidden", "Conv1D"])
def test_half_a_letter_is_refused_in_a_sentence_that_can_be_printed(name, tmp_path):
    found = members(SAME / "keras3.keras")
    config = found["config.json"].decode()
    assert f'"{name}"' in config
    found["config.json"] = config.replace(f'"{name}"', f'"{name}\\ud800"').encode()
    with pytest.raises(ModelFileError) as caught:
        read_network(packed(tmp_path / "m.keras", found))
    assert f"{name}?" in caught.value.message
    assert str(caught.value).encode()


def test_a_line_break_in_a_name_does_not_break_the_sentence():
    assert str(ModelFileError("Layer 'a\n\tb\x1b[1m' is odd.", "Mend it.")) == (
        "Layer 'a??b?[1m' is odd. Mend it."
    )


def test_an_onnx_name_that_is_no_text_is_refused(tmp_path):
    data = (SAME / "legacy.onnx").read_bytes()
    assert data.count(b"MaxPool_output") > 1
    path = tmp_path / "m.onnx"
    path.write_bytes(data.replace(b"MaxPool_output", b"MaxPool_\xb3utput"))
    with pytest.raises(ModelFileError, match="a name in it is no text"):
        read_network(path)
