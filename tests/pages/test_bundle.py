import gzip
import re
from pathlib import Path

import pytest

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
