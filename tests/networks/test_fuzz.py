import random

from bench.fuzz import ZOO, damaged, fuzz

SMALL = [
    "keras2/picture.h5",
    "keras3/one_by_n.keras",
    "torch/danq.pt2",
    "torch/deepsea.legacy.onnx",
]


def test_damaged_files_are_read_or_refused_in_a_sentence_and_the_server_lives():
    seen = fuzz(120, 1, originals=[ZOO / name for name in SMALL])
    assert sum(seen.values()) == 120
    assert set(seen) <= {"read", "refused", "stopped its reader"}
    assert min(seen["read"], seen["refused"]) > 12


def test_damage_is_damage_and_the_same_for_the_same_seed():
    for name in SMALL:
        data = (ZOO / name).read_bytes()
        made = [damaged(data, random.Random(seed)) for seed in (0, 0, 1)]
        assert made[0] == made[1] != data
        assert made[2] != made[0]
