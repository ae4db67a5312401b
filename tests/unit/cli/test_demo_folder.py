"""The demo empties its own folder, and nobody else's."""

import pytest

from vatriage.cli.demo_folder import MARKER, made_anew
from vatriage.errors import UsageError


def test_a_folder_with_somebodys_file_is_refused_and_untouched(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")

    with pytest.raises(UsageError, match=r"thesis\.txt"):
        made_anew(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_the_folder_of_an_earlier_demo_is_emptied(tmp_path):
    made_anew(tmp_path / "demo")
    (tmp_path / "demo" / "pages").mkdir()
    (tmp_path / "demo" / "pages" / "1.xml.zst").touch()
    made_anew(tmp_path / "demo")

    assert [path.name for path in (tmp_path / "demo").iterdir()] == [MARKER]


def test_what_a_link_in_the_demos_folder_points_to_stays(tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "file").touch()
    made_anew(tmp_path / "demo")
    (tmp_path / "demo" / "link").symlink_to(tmp_path / "mine")
    made_anew(tmp_path / "demo")

    assert (tmp_path / "mine" / "file").exists()


def test_an_empty_folder_is_taken(tmp_path):
    made_anew(tmp_path)

    assert (tmp_path / MARKER).is_file()


@pytest.mark.parametrize("kind", ["file", "link"])
def test_a_file_or_a_link_is_no_folder(tmp_path, kind):
    place = tmp_path / "place"
    if kind == "file":
        place.touch()
    else:
        place.symlink_to(tmp_path)

    with pytest.raises(UsageError, match="is no folder"):
        made_anew(place)
