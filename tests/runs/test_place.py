import pytest

from deepresolve_dash.errors import SettingsError
from deepresolve_dash.runs.place import (
    BALLAST_BYTES,
    check_place,
    drop_ballast,
    file_system,
    fill_ballast,
)

MOUNTS = r"""
22 27 0:21 / / rw,relatime - ext4 /dev/vda rw
23 22 0:22 / /home rw,relatime shared:1 - nfs4 server:/home rw
24 23 0:23 / /home/lab\040disk rw - xfs /dev/vdb rw
25 22 0:24 / /scratch rw - lustre mds:/scratch rw
26 22 0:25 / /both rw - nfs4 server:/x rw
27 22 0:26 / /both rw - tmpfs tmpfs rw
"""


@pytest.fixture
def mounts(tmp_path):
    path = tmp_path / "mountinfo"
    path.write_text(MOUNTS.strip())
    return path


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/data/cache", "ext4"),
        ("/home/ann/cache", "nfs4"),
        ("/home/lab disk/cache", "xfs"),
        ("/homework", "ext4"),
        ("/scratch", "lustre"),
        ("/both/a", "tmpfs"),
    ],
)
def test_a_folder_is_on_the_nearest_mount_above_it(mounts, folder, kind):
    assert file_system(folder, mounts) == kind


@pytest.mark.parametrize("folder", ["/home/ann/cache", "/scratch/x"])
def test_a_network_file_system_is_refused_with_the_reason(mounts, folder):
    with pytest.raises(SettingsError, match=r"network file system \((nfs4|lustre)\).*DRD_STATE"):
        check_place(folder, mounts=mounts)


def test_a_local_disk_and_an_unknown_system_are_taken(mounts, tmp_path):
    check_place("/home/lab disk", mounts=mounts)
    check_place(tmp_path, mounts=tmp_path / "absent")
    check_place(tmp_path)


def test_ballast_takes_room_and_gives_it_back(tmp_path):
    fill_ballast(tmp_path)
    fill_ballast(tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.stat().st_blocks * 512 >= BALLAST_BYTES
    drop_ballast(tmp_path)
    drop_ballast(tmp_path)
    assert list(tmp_path.iterdir()) == []
