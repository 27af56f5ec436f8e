"""Files of messages, in every format, whole and broken in every way."""

import json
import re

import pyarrow
import pyarrow.parquet
import pytest

from amends.messages import InputError, Row, read_messages


@pytest.fixture
def make(tmp_path):
    """Writes a file of bytes or lines, or a Parquet file of columns."""

    def write(name, content):
        path = tmp_path / name
        if isinstance(content, dict):
            pyarrow.parquet.write_table(pyarrow.table(content), path)
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def read(path, text="text", id_=None):
    return [(row.number, row.id, row.text) for row in read_messages(path, text, id_)]


def read_until_error(path, text="text", id_=None):
    """Texts of the rows that came before the error, and its message."""
    texts = []
    with pytest.raises(InputError) as error:
        texts.extend(row.text for row in read_messages(path, text, id_))
    return texts, str(error.value)


GOOD = {
    "a.csv": 'key,text\nx1,"Late, again"\nx2,"two\nlines"\nx3,\n',
    "a.jsonl": '{"key": "x1", "text": "Late, again"}\n\n'
    '{"text": "two\\nlines", "key": "x2", "more": [1]}\n{"key": "x3", "text": null}\n',
    "a.parquet": {"key": ["x1", "x2", "x3"], "text": ["Late, again", "two\nlines", None]},
}
TEXTS = ["Late, again", "two\nlines", ""]


@pytest.mark.parametrize(("name", "content"), GOOD.items(), ids=GOOD)
def test_each_format_is_read_with_ids_and_without(name, content, make):
    path = make(name, content)
    assert read(path) == [(n, str(n), text) for n, text in enumerate(TEXTS, start=1)]
    assert read(path, id_="key") == [(n, f"x{n}", text) for n, text in enumerate(TEXTS, start=1)]


def test_ending_in_capitals_and_windows_line_ends_are_read(make):
    path = make("A.CSV", 'key,text\r\nx1,"Late, again"\r\n')
    assert read(path, id_="key") == [(1, "x1", "Late, again")]


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.csv", "text\nhi 😡\n"), ("a.jsonl", '{"text": "hi 😡"}\n')],
    ids=["csv", "jsonl"],
)
def test_byte_order_mark_is_no_part_of_the_first_column(name, content, make):
    assert read(make(name, b"\xef\xbb\xbf" + content.encode())) == [(1, "1", "hi 😡")]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "text,id\nhi,\nyo\n"),
        ("a.jsonl", '{"text": "hi", "id": null}\n{"text": "yo", "id": ""}\n'),
        ("a.parquet", {"text": ["hi", "yo"], "id": [None, ""]}),
    ],
    ids=["csv", "jsonl", "parquet"],
)
def test_row_without_an_id_is_never_called_none(name, content, make):
    ids = [id_ for _, id_, _ in read(make(name, content), id_="id")]
    assert "None" not in ids


def test_ids_that_are_numbers_become_text(make):
    assert read(make("a.jsonl", '{"text": "hi", "id": 7}\n'), id_="id") == [(1, "7", "hi")]
    assert read(make("a.parquet", {"text": ["hi"], "id": [7]}), id_="id") == [(1, "7", "hi")]


def test_short_csv_row_has_an_empty_text(make):
    assert read(make("a.csv", "key,text\nx1,hi\nx2\n"), id_="key") == [
        (1, "x1", "hi"),
        (2, "x2", ""),
    ]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_huge_text_is_read_whole(name, make):
    text = "late " * 40_000  # 200 kB; the csv module's own limit is 128 kB
    csv, jsonl = f"text\n{text}\n", json.dumps({"text": text})
    content = {"a.csv": csv, "a.jsonl": jsonl, "a.parquet": {"text": [text]}}
    assert read(make(name, content[name])) == [(1, "1", text)]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_nul_bytes_reach_whoever_cleans_the_text(name, make):
    content = {"a.csv": b"text\nhi\x00you\nok\n", "a.jsonl": b'{"text": "hi\\u0000you"}\n'}
    assert read(make(name, content[name]))[0] == (1, "1", "hi\0you")


def test_rows_are_read_when_they_are_asked_for(make):
    path = make("a.csv", 'text\nfirst\nsecond\n"never closed\n')
    rows = read_messages(path, "text", None)
    assert next(rows) == Row(1, "1", "first")
    assert next(rows) == Row(2, "2", "second")
    with pytest.raises(InputError, match="row 3: expected a CSV row"):
        next(rows)


BROKEN_CSV = {
    "quote open": ('text\nhi\n"open\nyo\n', "expected a CSV row, found: unexpected end of data"),
    "quote inside": ('text\nhi\n"in"side\n', "expected a CSV row, found: ',' expected after"),
    "too many fields": ("text,id\nhi,1\nso, late,2\n", "expected 2 fields, found more"),
}
BROKEN_JSON = {
    "list": ('["yo"]', "expected one JSON object, found list"),
    "null": ("null", "expected one JSON object, found NoneType"),
    "cut": ('{"text": ', "expected one JSON object, found: Expecting value"),
    "two objects": ("{} {}", "expected one JSON object, found: Extra data"),
    "other key": ('{"t": "yo"}', "expected the column 'text', found 't'"),
    "no key": ("{}", "expected the column 'text', found no columns"),
    "number": ('{"text": 5}', "expected text in the column 'text', found int"),
    "list of texts": ('{"text": ["a"]}', "expected text in the column 'text', found list"),
    "deep": ("[" * 200_000, "expected one JSON object, found: maximum recursion"),
    "5000 digits": (f'{{"text": "", "n": {"7" * 5000}}}', "expected one JSON object, found: "),
}
BROKEN = {
    **{name: ("a.csv", content, expected) for name, (content, expected) in BROKEN_CSV.items()},
    **{
        name: ("a.jsonl", f'{{"text": "hi"}}\n{line}\n', expected)
        for name, (line, expected) in BROKEN_JSON.items()
    },
}


@pytest.mark.parametrize(("name", "content", "expected"), BROKEN.values(), ids=BROKEN)
def test_rows_before_a_broken_one_are_read_and_its_number_is_told(name, content, expected, make):
    path = make(name, content)
    texts, message = read_until_error(path)
    assert texts == ["hi"]
    assert message.startswith(f"{path}, row 2: {expected}")
    assert re.search(r"\. [A-Z][^.]+\.$", message), "it should say what to do"
    assert "\n" not in message


@pytest.mark.parametrize("broken", ['{"text": 5}', '{"text": ', "[]", "{}"])
def test_rows_are_numbered_alike_after_an_empty_line(broken, make):
    """Row 2 stands on line 3; the number is that of `Row.number`, whatever is wrong."""
    _, message = read_until_error(make("a.jsonl", f'{{"text": "hi"}}\n\n{broken}\n'))
    assert ", row 2: " in message


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "id,words\n1,hi\n"),
        ("a.jsonl", '{"id": 1, "words": "hi"}\n'),
        ("a.parquet", {"id": [1], "words": ["hi"]}),
    ],
    ids=["csv", "jsonl", "parquet"],
)
@pytest.mark.parametrize(
    ("text", "id_", "missing"), [("text", None, "text"), ("words", "key", "key")]
)
def test_missing_column_is_told_with_those_there_are(name, content, text, id_, missing, make):
    texts, message = read_until_error(make(name, content), text, id_)
    assert texts == []
    assert f"expected the column '{missing}', found 'id', 'words'. " in message
    assert message.endswith("Name the right one with --text-column or --id-column.")


def test_empty_csv_has_no_columns(make):
    assert "expected the column 'text', found no columns" in read_until_error(make("a.csv", ""))[1]


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl"])
def test_binary_file_is_told(name, make):
    path = make(name, b"\x89PNG\r\n\x1a\n\x00\x00")
    assert read_until_error(path)[1] == (
        f"{path}: expected UTF-8 text, found the byte 0x89 that is none. "
        "Save the file as UTF-8; if it is no text file at all, choose another."
    )


@pytest.mark.parametrize(
    "content",
    [b"", b"text\nhi\n", b"PAR1 and then nothing"],
    ids=["empty", "a CSV file", "cut"],
)
def test_file_that_is_no_parquet_is_told(content, make):
    path = make("a.parquet", content)
    message = read_until_error(path)[1]
    assert message.startswith(f"{path}: expected a Parquet file, found: ")
    assert message.endswith(" Write it again.")


def test_parquet_damaged_inside_is_told(make):
    path = make("a.parquet", {"text": [f"parcel {n} is late" for n in range(5000)]})
    content = bytearray(path.read_bytes())
    content[len(content) // 3 : len(content) // 3 + 400] = b"\xff" * 400
    path.write_bytes(content)
    assert "expected a Parquet file, found: " in read_until_error(path)[1]


@pytest.mark.parametrize("values", [[5], [b"hi"], [{"de": "hallo"}], [["hi"]]])
def test_parquet_column_without_texts_is_told(values, make):
    message = read_until_error(make("a.parquet", {"text": values}))[1]
    found = type(values[0]).__name__
    assert f"row 1: expected text in the column 'text', found {found}. " in message


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_missing_file_and_folder_are_told_before_a_row_is_asked_for(name, tmp_path):
    message = f"^{re.escape(str(tmp_path / name))}: expected a file, found none. Correct --input."
    with pytest.raises(InputError, match=message):
        read_messages(tmp_path / name, "text", None)
    (tmp_path / name).mkdir()
    with pytest.raises(InputError, match=message):
        read_messages(tmp_path / name, "text", None)


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.parquet"])
def test_file_that_cannot_be_read_is_told(name, tmp_path):
    path = tmp_path / name
    path.symlink_to("/proc/self/mem")  # it opens, and then gives an I/O error even to root
    assert read_until_error(path)[1].startswith(f"{path}: expected a")


@pytest.mark.parametrize(
    ("name", "found"),
    [("a.xlsx", ".xlsx"), ("a", "no ending"), ("a.csv.gz", ".gz"), (".csv", "no ending")],
)
def test_other_endings_are_told_with_those_that_are_read(name, found, make):
    path = make(name, "text\nhi\n")
    with pytest.raises(InputError) as error:
        read_messages(path, "text", None)
    assert str(error.value) == (
        f"{path}: expected a file that ends in .csv, .tsv, .txt, .jsonl, .parquet, found {found}. "
        "Convert it first."
    )
