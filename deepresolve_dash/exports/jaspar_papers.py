"""Which paper describes a release of JASPAR."""

import re
from typing import NamedTuple

_RELEASE = re.compile(r"JASPAR(?P<year>\d{4}) (?P<part>\w+ \w+)", re.ASCII)
_ALL = "open-access database of transcription factor binding profiles"


class _Paper(NamedTuple):
    """A paper in Nucleic Acids Research, of the year of its release."""

    authors: str
    title: str
    volume: int
    pages: str
    doi: str


_PAPERS = {
    2014: _Paper(
        "Mathelier, Anthony and Zhao, Xiaobei and Zhang, Allen W.",
        f"an extensively expanded and updated {_ALL}",
        42,
        "D142--D147",
        "gkt997",
    ),
    2016: _Paper(
        "Mathelier, Anthony and Fornes, Oriol and Arenillas, David J.",
        f"a major expansion and update of the {_ALL}",
        44,
        "D110--D115",
        "gkv1176",
    ),
    2018: _Paper(
        "Khan, Aziz and Fornes, Oriol and Stigliani, Arnaud",
        f"update of the {_ALL} and its web framework",
        46,
        "D260--D266",
        "gkx1126",
    ),
    2020: _Paper(
        "Fornes, Oriol and Castro-Mondragon, Jaime A. and Khan, Aziz",
        f"update of the {_ALL}",
        48,
        "D87--D92",
        "gkz1001",
    ),
    2022: _Paper(
        "Castro-Mondragon, Jaime A. and Riudavets-Puig, Rafael and Rauluseviciute, Ieva",
        f"the 9th release of the {_ALL}",
        50,
        "D165--D173",
        "gkab1113",
    ),
    2024: _Paper(
        "Rauluseviciute, Ieva and Riudavets-Puig, Rafael and Blanc-Mathieu, Romain",
        f"20th anniversary of the {_ALL}",
        52,
        "D174--D182",
        "gkad1059",
    ),
    2026: _Paper(
        "Ovek Baydar, D. and Rauluseviciute, Ieva and Aronsen, D. R.",
        "expansion of transcription factor binding profiles and integration of deep learning "
        "models",
        54,
        "D184--D193",
        "gkaf1209",
    ),
}


class Cited(NamedTuple):
    """How a database is cited.

    Attributes
    ----------
    words : str
        Its name, its release and part where they are known.
    key, entry : str
        Of its reference in BibTeX; empty where there is none.
    """

    words: str
    key: str
    entry: str


def cited(database: str) -> Cited:
    """Return how a database is cited, by its title; an empty one is JASPAR of any release.

    *Choice:* a release without a paper in this list is named in words, beside the newest paper.
    """
    found = _RELEASE.fullmatch(database)
    if database and not found:
        return Cited(f"the motif file {database}", "", "")
    year = int(found["year"]) if found else 0
    words = f"JASPAR {year} {found['part']}" if found else "JASPAR"
    described = year if year in _PAPERS else max(_PAPERS)
    return Cited(words, f"jaspar{described}", _entry(described))


def _entry(year: int) -> str:
    paper = _PAPERS[year]
    return f"""@article{{jaspar{year},
  author  = {{{paper.authors} and others}},
  title   = {{{{JASPAR}} {year}: {paper.title}}},
  journal = {{Nucleic Acids Research}},
  year    = {{{year}}},
  volume  = {{{paper.volume}}},
  number  = {{D1}},
  pages   = {{{paper.pages}}},
  doi     = {{10.1093/nar/{paper.doi}}}
}}"""
