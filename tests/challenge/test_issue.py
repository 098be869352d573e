"""A students' list, however it was saved, and a folder for each of them and nothing else."""

import pytest

from helpers import challenge
from helpers.challenge import issue

KEY = bytes(range(32))


@pytest.mark.parametrize(
    ("content", "names"),
    [
        (b"name\nAnn\nBen\n", ["Ann", "Ben"]),
        (b"\xef\xbb\xbfname;number\r\nAnn;1\r\nBen;2\r\n", ["Ann", "Ben"]),
        ("Number,Name,Mail\n1,Jürgen Hale,j@x\n".encode(), ["Jürgen Hale"]),
        ("name\nJürgen\n".encode("cp1252"), ["Jürgen"]),
        ("name\nJu\u0308rgen\n".encode(), ["Jürgen"]),
        (b'name\n"Hale, Ann"\n  Ben   Finch \n', ["Hale, Ann", "Ben Finch"]),
        (b"NAME\tx\nAnn\t1\n\n\t\nBen\t2", ["Ann", "Ben"]),
        (b"name\n=1+1\n@x\n../../etc\n", ["=1+1", "@x", "../../etc"]),
        (b'"name";"mark, points, total"\nAnn;1\n', ["Ann"]),
        (b'name;;\r\nAnn;x;\r\n"Ben\r\nFinch";;\r\n', ["Ann", "Ben Finch"]),
        ("name,x\nAda\u2028Quick,1\n".encode(), ["Ada Quick"]),
    ],
)
def test_a_list_is_read_however_it_was_saved(tmp_path, content, names):
    (tmp_path / "students.csv").write_bytes(content)
    assert issue.read_students(tmp_path / "students.csv") == (names, [])


def test_duplicates_and_empty_names_are_told(tmp_path):
    (tmp_path / "students.csv").write_text(f"name;x\nAnn;1\nAnn ;2\n;3\n{'a' * 300};4\n", encoding="utf-8")
    names, left_out = issue.read_students(str(tmp_path / "students.csv"))
    assert names == ["Ann"]
    assert [line.split(":")[0].split(" was")[0] for line in left_out] == ["Line 3", "Line 4", "Line 5"]
    assert "Ann stands twice" in left_out[0] and "1 to 200 characters" in left_out[1]


@pytest.mark.parametrize("content", ["name\nQuick, Ada\nBo\n", "nr,name\n1,Quick, Ada\n2,Bo\n"])
def test_a_name_with_a_comma_and_no_quotes_is_told(tmp_path, content):
    (tmp_path / "students.csv").write_text(content)
    told = "Line 2 was left out. It has more cells than the first line. Put a name with a comma in quotes."
    assert issue.read_students(tmp_path / "students.csv") == (["Bo"], [told])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "it is empty"),
        (b'name\n"unclosed\nBo\nCy\n', "is no CSV file: line 4: unexpected end of data"),
        (b"name\nQuick, Ada\n", "holds no name .* Put a name with a comma in quotes"),
        (b" \n", "it is empty"),
        (b"PK\x03\x04\0\0", "no text. Save it as CSV"),
        (b"Ann\nBen\n", 'one of them "name"'),
        (b"name\n\n", "holds no name"),
        ("name\nAnn\n".encode("utf-16"), "no text. Save it as CSV"),
        (b"name\n" + b"a" * 200_000, "is no CSV file"),
    ],
)
def test_what_is_no_list_is_refused(tmp_path, content, says):
    (tmp_path / "students.csv").write_bytes(content)
    with pytest.raises(ValueError, match=says):
        issue.read_students(tmp_path / "students.csv")
    with pytest.raises(ValueError, match="cannot be read"):
        issue.read_students(tmp_path / "none.csv")


NAMES = ["../../climbs", "/etc/passwd", "=1+1", "Jürgen Hale", "CON", "a" * 200, "...", "ann", "Ann"]


def test_a_folder_has_a_harmless_name_of_its_own():
    folders = [issue.folder_of(challenge.Source(KEY, name)) for name in NAMES]
    assert len({name.lower() for name in folders}) == len(NAMES)
    assert all(name[0] != "." and not set(name) & set('/\\:*?"<>|= ') and len(name) < 60 for name in folders)
    assert folders[3].startswith("Jürgen-Hale-")
    assert issue.folder_of(challenge.Source(bytes(32), "ann")) != folders[7]  # nobody guesses a neighbour's


@pytest.fixture
def cheap(monkeypatch, two):
    """Issuing without making: what is made is tested elsewhere."""
    monkeypatch.setattr(issue, "made", lambda source: two[0].made._replace(name=source.name))


def test_only_the_target_folder_is_written(tmp_path, cheap):
    target = tmp_path / "deep" / "out"
    lines = list(issue.issue(NAMES[:4], target, KEY))
    assert [path.name for path in tmp_path.iterdir()] == ["deep"] and len(list(target.iterdir())) == 4
    assert [challenge.load(path).name for path in sorted(target.iterdir())] == sorted(NAMES[:4], key=lambda name: (
        issue.folder_of(challenge.Source(KEY, name))))  # fmt: skip
    assert lines[3].startswith("Jürgen Hale: Jürgen-Hale-")


def test_a_longer_list_adds_folders_and_leaves_the_others(tmp_path, cheap):
    list(issue.issue(["Ann"], tmp_path, KEY))
    [first] = tmp_path.iterdir()
    (first / "mine").write_text("notes")
    (tmp_path / f".unfinished-{issue.folder_of(challenge.Source(KEY, 'Ben'))}").mkdir()  # of a run that was stopped
    *lines, last = issue.issue(["Ann", "Ben"], tmp_path, KEY)
    sizes = [path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()]
    assert last == f"2 folders, {len(sizes)} files, {sum(sizes) / 1e6:.1f} MB. Zip each folder and send it."
    assert "was there already" in lines[0] and "was there" not in lines[1]
    assert (first / "mine").exists() and len(list(tmp_path.iterdir())) == 2


def test_a_folder_from_another_key_stops_it_before_anything_is_written(tmp_path, cheap):
    list(issue.issue(["Ann"], tmp_path, bytes(reversed(KEY))))
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "challenge.json").write_text("[")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(ValueError, match="was made for Ann with another key"):
        list(issue.issue(["Ben", "Ann"], tmp_path, KEY))
    assert sorted(tmp_path.rglob("*")) == before


def test_a_folder_in_the_pack_would_be_published(tmp_path):
    with pytest.raises(ValueError, match="is inside the pack, with which it would be published"):
        issue.issue(["Ann"], issue.HOME / "challenges", KEY)
    assert not (issue.HOME / "challenges").exists() and (issue.HOME / "README.md").exists()


def test_the_key_is_not_handed_out(tmp_path):
    with pytest.raises(ValueError, match="which you hand out. Keep it elsewhere"):
        issue.issue(["Ann"], tmp_path, KEY, tmp_path / "class.key")


def test_a_folder_that_is_a_file_is_named(tmp_path):
    (tmp_path / "out").write_text("x")
    with pytest.raises(ValueError, match="cannot be written"):
        list(issue.issue(["Ann"], tmp_path / "out", KEY))
