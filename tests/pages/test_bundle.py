import gzip
import re
from pathlib import Path

import pytest

from deepresolve_dash.pages import bundle

ASSETS = Path(__file__).parents[2] / "assets"


@pytest.mark.parametrize(("suffix", "kind"), [("js", "text/javascript"), ("css", "text/css")])
def test_a_page_asks_for_one_file_that_holds_all_of_ours(client, suffix, kind):
    page = client.get("/").get_data(as_text=True)
    addresses = re.findall(rf'"(/bundle/\w+\.{suffix})"', page)
    answer = client.get(addresses[0])
    text = answer.get_data(as_text=True)
    files = sorted(ASSETS.glob(f"*.{suffix}"))
    assert len(addresses) == 1
    assert not re.search(rf"/assets/[^\"]*\.{suffix}", page)
    assert answer.content_type.startswith(kind)
    assert "immutable" in answer.headers["Cache-Control"]
    assert [path.name for path in files if path.read_text() not in text] == [
        name for name in ["plotly-cartesian.min.js"] if suffix == "js"
    ]
    assert text.index(files[0].read_text()) < text.index(files[-1].read_text())


def test_it_is_sent_packed_to_those_who_can_unpack_it(client):
    page = client.get("/").get_data(as_text=True)
    address = re.findall(r'"(/bundle/\w+\.js)"', page)[0]
    plain, packed = client.get(address), client.get(address, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 3


def test_a_page_knows_the_version_that_the_feed_tells(client):
    page = client.get("/").get_data(as_text=True)
    version = re.search(r'<html lang="en" data-can="[\w ]*" data-version="(\w+)">', page)[1]
    assert client.get("/feed").json["version"] == version
    assert client.get("/feed?since=999").json["version"] == version


def test_another_script_or_style_is_another_version(tmp_path, monkeypatch):
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "a.css").write_text("2")

    def now():
        return bundle.version([bundle.bundled(tmp_path, suffix) for suffix in ("js", "css")])

    seen = [now()]
    assert now() == seen[0]
    for name in ("a.js", "a.css"):
        (tmp_path / name).write_text("3")
        seen.append(now())
    monkeypatch.setattr(bundle, "__version__", "99")
    seen.append(now())
    assert len(set(seen)) == 4
