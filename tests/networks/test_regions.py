import gzip
import os

import numpy as np
import pytest

from deepresolve_dash.errors import SequenceError
from deepresolve_dash.networks import genomes, regions
from deepresolve_dash.networks.genomes import find_genome, list_genomes, region_sequences
from deepresolve_dash.networks.regions import is_bed, read_bed

CHROMOSOMES = {"chr1": 1003, "chr2": 60, "chrM": 17}


@pytest.fixture(scope="module")
def letters():
    generator = np.random.default_rng(0)
    return {name: "".join(generator.choice(list("ACGT"), n)) for name, n in CHROMOSOMES.items()}


@pytest.fixture(scope="module")
def genome(letters, tmp_path_factory):
    """Lines of 60 bp, lower case and another letter in the first chromosome."""
    path = tmp_path_factory.mktemp("genomes") / "toy.fa"
    parts = []
    for name, text in letters.items():
        shown = text[:100].lower() + text[100:200] + "R" + text[201:] if name == "chr1" else text
        lines = "\n".join(shown[i : i + 60] for i in range(0, len(shown), 60))
        parts.append(f">{name} a chromosome\n{lines}\n")
    path.write_text("".join(parts))
    return path


def bed(tmp_path, text, name="peaks.bed"):
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def sequences(tmp_path, genome, text, **options):
    return list(region_sequences(read_bed(bed(tmp_path, text)), genome, **options))


def test_regions_are_read_from_the_genome(tmp_path, genome, letters):
    rng = np.random.default_rng(1)
    spans = [
        (int(a), int(a + n))
        for a, n in zip(rng.integers(0, 800, 40), range(1, 200, 5), strict=True)
    ]
    found = sequences(tmp_path, genome, "".join(f"chr1\t{a}\t{b}\n" for a, b in spans))
    plain = letters["chr1"][:200] + "N" + letters["chr1"][201:]
    assert found == [(f"chr1:{a}-{b}", plain[a:b]) for a, b in spans]
    assert genome.with_name("toy.fa.fai").is_file()
    assert sorted(path.name for path in genome.parent.iterdir()) == ["toy.fa", "toy.fa.fai"]


def test_the_minus_strand_is_the_reverse_complement(tmp_path, genome, letters):
    ((name, read),) = sequences(tmp_path, genome, "chr2\t3\t13\t.\t0\t-\n")
    pairs = dict(zip("ACGT", "TGCA", strict=True))
    assert name == "chr2:3-13(-)"
    assert read == "".join(pairs[base] for base in reversed(letters["chr2"][3:13]))


@pytest.mark.parametrize("strand", ["+", "-"])
@pytest.mark.parametrize("at_least", [14, 15])
def test_a_short_region_is_widened_about_its_middle_and_ends_at_the_chromosome(
    tmp_path, genome, letters, strand, at_least
):
    text = f"chr2\t20\t30\ta\t0\t{strand}\nchrM\t0\t17\tm\t0\t+\nchr1\t0\t3\te\t0\t+\n"
    found = dict(sequences(tmp_path, genome, text, at_least=at_least))
    here = (
        found["a"] if strand == "+" else found["a"].translate(str.maketrans("ACGT", "TGCA"))[::-1]
    )
    more = at_least - 10
    before = more // 2 if strand == "+" else more - more // 2
    assert here == letters["chr2"][20 - before : 30 + more - before]
    assert found["m"] == letters["chrM"]
    outside = (at_least - 3) // 2
    assert found["e"] == "N" * outside + letters["chr1"][: at_least - outside]


PEAK = "chr1\t{start}\t{end}\t{name}\t0\t{strand}\t5.5\t-1\t1e2\t{summit}\n"


@pytest.mark.parametrize("strand", ["+", "-", "."])
@pytest.mark.parametrize("length", [10, 11, 300])
def test_a_peak_is_read_around_its_summit(tmp_path, genome, letters, strand, length):
    text = PEAK.format(start=300, end=400, name=".", strand=strand, summit=70)
    ((name, read),) = sequences(tmp_path, genome, text, at_least=length)
    whole = read if strand != "-" else read.translate(str.maketrans("ACGT", "TGCA"))[::-1]
    assert name == f"chr1:300-400{'(-)' if strand == '-' else ''}"
    assert len(read) == length
    first = letters["chr1"].index(whole)
    place = 370 - first if strand != "-" else length - 1 - (370 - first)
    assert place == length // 2  # the base that centring puts in the middle


def test_a_peak_without_a_summit_has_its_middle_and_other_columns_are_no_summits(
    tmp_path, genome, letters
):
    none = PEAK.format(start=300, end=310, name="a", strand=".", summit=-1)
    other = none.replace("\t5.5\t", "\tthick\t").replace("\ta\t", "\tb\t").replace("-1\n", "3\n")
    broad = "\t".join(none.split("\t")[:9]).replace("\ta\t", "\tc\t") + "\n"
    found = dict(sequences(tmp_path, genome, none + other + broad, at_least=20))
    assert found == dict.fromkeys("abc", letters["chr1"][295:315])
    assert [one.summit for one in read_bed(bed(tmp_path, none + other + broad))] == 3 * [None]


def test_peaks_of_one_region_are_told_apart_by_their_summits(tmp_path, genome, letters):
    peaks = [PEAK.format(start=300, end=400, name=".", strand=".", summit=at) for at in (0, 99)]
    found = sequences(tmp_path, genome, "".join(peaks))
    assert [name for name, _ in found] == ["chr1:300-400@300", "chr1:300-400@399"]
    assert [read for _, read in found] == [letters["chr1"][250:350], letters["chr1"][349:449]]
    with pytest.raises(SequenceError, match="in line 1 and line 2"):
        read_bed(bed(tmp_path, 2 * peaks[0]))


def test_names_are_taken_where_they_tell_regions_apart(tmp_path):
    named = "#chrom start end\ntrack name=x\n\nchr1\t1\t5\tpeak one\r\nchr1\t1\t5\tpeak2\r\n"
    assert [region.name for region in read_bed(bed(tmp_path, named))] == ["peak_one", "peak2"]
    same = "chr1 1 5 GATA\nchr2 1 5 GATA\n"
    zipped = bed(tmp_path, gzip.compress(same.encode()), "z.bed.gz")
    assert [region.name for region in read_bed(zipped)] == ["chr1:1-5", "chr2:1-5"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "holds no regions"),
        (b"# nothing\n\n", "holds no regions"),
        (b"chr1\t1\t5\nchr1\t7\n", "Line 2 of .* is 'chr1.t7', which is no region"),
        (b"chrom\tstart\tend\n", "Line 1 of .* which is no region"),
        (b"chr1\t-1\t5\n", "no region"),
        (b"chr1\t1.5\t5\n", "no region"),
        (b"\t1\t5\n", "no region"),
        ("chr1\t1\t٥\n".encode(), "no region"),
        (b"chr1\t1\t" + b"9" * 5000 + b"\n", "no region"),
        (b"chr1" * 20_000, "too long for a region"),
        (b"chr1\t5\t5\n", "starts at 5 and ends at 5"),
        (b"chr1\t0\t99999999\n", "has 99,999,999 bp"),
        (b"chr1\t1\t5\nchr1\t1\t5\n", "chr1:1-5 is in line 1 and line 2"),
        (b"chr1\t1\t5\tp\t0\t.\t1\t1\t1\t4\n", "summit in line 1 of .* 4 bp behind the start of a"),
        (bytes(range(128, 256)), "not a text file"),
        (gzip.compress(b"chr1\t1\t5\n" * 999, mtime=0)[:-9], "cut off"),
        (b"\x1f\x8b" + bytes(40), "damaged"),
        (b"chr1\t1\t5\nchr9\t1\t5\n", "Line 2 names the chromosome 'chr9'.* has 'chr1', 'chr2'"),
        (b"1\t1\t5\n", "'1', which is not in toy.fa. The genome has 'chr1'"),
        (b"chr2\t50\t61\n", "chr2:50-61 in line 1 ends outside the chromosome, which has 60 bp"),
    ],
)
def test_a_broken_file_gives_one_sentence(tmp_path, genome, data, message):
    with pytest.raises(SequenceError, match=message) as caught:
        sequences(tmp_path, genome, data)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_there_is_a_limit_to_the_number_of_regions(tmp_path, monkeypatch):
    monkeypatch.setattr(regions, "MOST_REGIONS", 2)
    assert len(read_bed(bed(tmp_path, "c 1 2\nc 2 3\n"))) == 2
    with pytest.raises(SequenceError, match="more than 2 regions"):
        read_bed(bed(tmp_path, "c 1 2\nc 2 3\nc 3 4\n"))


@pytest.mark.parametrize(
    ("text", "name", "answer"),
    [
        ("chr1\t1\t5\n", "x.txt", True),
        ("# remark\nchr1\t1\t5\n", "x.txt", True),
        ("chr1\tx\n", "x.bed", True),
        ("", "x.narrowPeak.gz", True),
        (">a\nACGT\n", "x.bed", False),
        ("; remark\n>a\nACGT\n", "x.bed", False),
        (">a\nACGT\n", "x.fa", False),
        ("ACGT\n", "x.fa", False),
        ("", "x.fa", False),
    ],
)
def test_regions_are_told_from_sequences(tmp_path, text, name, answer):
    assert is_bed(bed(tmp_path, text, "file"), name) is answer


def test_genomes_are_found_by_name(tmp_path, genome):
    nothing = tmp_path / "none"
    assert list_genomes(nothing) == []
    with pytest.raises(SequenceError, match="no genome to read them from"):
        find_genome(nothing, "")
    assert find_genome(genome.parent, "") == genome == find_genome(genome.parent, "toy.fa")
    with pytest.raises(SequenceError, match=r"no genome \.\./toy.fa here"):
        find_genome(genome.parent, "../toy.fa")
    for name in ("b.fa", "a.fasta", "notes.txt", ".hidden.fa"):
        (tmp_path / name).write_text(">a\nA\n")
    assert [path.name for path in list_genomes(tmp_path)] == ["a.fasta", "b.fa"]
    with pytest.raises(SequenceError, match="Choose the genome"):
        find_genome(tmp_path, "")


def test_a_genome_without_an_index_in_a_folder_of_others_is_said(tmp_path, monkeypatch):
    path = bed(tmp_path, ">c\nACGT\n", "g.fa")

    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(genomes.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(SequenceError, match=r"no index.*samtools faidx g\.fa"):
        sequences(tmp_path, path, "c\t0\t2\n")
    bed(tmp_path, "c\t4\t3\t4\t5\n", "g.fa.fai")
    assert sequences(tmp_path, path, "c\t0\t2\n") == [("c:0-2", "AC")]


def test_a_broken_genome_or_index_is_said(tmp_path):
    region = "c\t0\t2\n"
    path = bed(tmp_path, "not a genome\n", "g.fa")
    with pytest.raises(SequenceError, match=r"g\.fa is no genome"):
        sequences(tmp_path, path, region)
    assert list(tmp_path.glob(".index-*")) == []
    path.write_text(">c\nACGT\n")
    assert sequences(tmp_path, path, region) == [("c:0-2", "AC")]
    bed(tmp_path, "c\t900\t3\t60\t61\n", "g.fa.fai")
    with pytest.raises(SequenceError, match=r"cannot be read.*samtools faidx g\.fa"):
        sequences(tmp_path, path, "c\t800\t802\n")
    bed(tmp_path, "c\tmany\n", "g.fa.fai")
    with pytest.raises(SequenceError, match="cannot be read"):
        sequences(tmp_path, path, region)
    os.utime(tmp_path / "g.fa.fai", (1, 1))  # older than the genome: made anew
    assert sequences(tmp_path, path, region) == [("c:0-2", "AC")]
    with pytest.raises(SequenceError, match="There is no genome"):
        sequences(tmp_path, tmp_path / "gone.fa", region)
    with pytest.raises(SequenceError, match="packed"):
        sequences(tmp_path, bed(tmp_path, gzip.compress(b">c\nACGT\n"), "h.fa.gz"), region)
