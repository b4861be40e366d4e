"""The file: what is in it, the same bytes each time, and what is refused of files that somebody changed."""

from __future__ import annotations

import io
import json
import zipfile
from dataclasses import replace

import jsonschema
import msgspec
import pytest

from labkit import bounds
from labkit.errors import FormatError
from labkit.record import load_repro, read_repro
from labkit.record.archive import pack_files, unpack_files
from labkit.record.schema import schema
from tests.repros.conftest import NEW_INSTANCE, packed


def changed(data: bytes, **members: bytes | None) -> bytes:
    """The same archive with other members; `__` in a name stands for a dot, None takes a member away."""
    files = unpack_files(data) | {name.replace("__", "."): text for name, text in members.items()}
    return pack_files({name: text for name, text in files.items() if text is not None})


def resealed(data: bytes, **members: bytes) -> bytes:
    """The same, with digests that are right again."""
    import hashlib

    files = unpack_files(changed(data, **members))
    manifest = json.loads(files["repro.json"])
    manifest["files"] = {
        name: hashlib.sha256(text).hexdigest() for name, text in files.items() if name != "repro.json"
    }
    return pack_files(files | {"repro.json": json.dumps(manifest).encode()})


def refused(data: bytes) -> str:
    with pytest.raises(FormatError) as raised:
        read_repro(data)
    return str(raised.value)


def test_two_recordings_of_one_scenario_are_the_same_bytes(new_instance):
    data = new_instance.to_bytes()
    assert packed().to_bytes() == data
    assert read_repro(data).to_bytes() == data
    assert read_repro(data) == new_instance


def test_it_holds_what_it_takes_and_all_of_it_is_data(new_instance):
    program = new_instance.programs["process-panic"]
    files = unpack_files(new_instance.to_bytes())
    sources = [f"sources/{program.digest}/{name}" for name in program.sources]
    assert sorted(files) == sorted(
        ["README.md", "repro.json", "scenario.json", "trace.json", f"programs/{program.digest}.wasm", *sources]
    )
    assert files[f"programs/{program.digest}.wasm"] == program.wasm
    assert b"panic!(" in files[f"sources/{program.digest}/process-panic/src/lib.rs"]
    jsonschema.validate(json.loads(files["repro.json"]), schema("repro"))
    jsonschema.validate(json.loads(files["scenario.json"]), schema("scenario"))
    jsonschema.validate(json.loads(files["trace.json"]), schema("trace"))
    readme = files["README.md"].decode()
    assert "| 4 | 1 | `process-input(10.0)` | `was refused: poisoned by step 2` |" in readme
    assert "Step 4 was refused because step 2 (`unreachable` in process-panic) poisoned store 1" in readme
    assert program.digest in readme


def test_any_zip_program_can_pack_it_again(new_instance):
    packed_again = io.BytesIO()
    with zipfile.ZipFile(packed_again, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.mkdir("programs")
        for name, data in unpack_files(new_instance.to_bytes()).items():
            archive.writestr(name, data)
    assert read_repro(packed_again.getvalue()) == new_instance


def test_a_guest_that_calls_people_by_name_or_speaks_html_is_quoted(new_instance):
    title = "@team <script>alert(1)</script> | `x` \x1b[31m\nnext"
    named = msgspec.structs.replace(
        new_instance, scenario=msgspec.structs.replace(new_instance.scenario, title=title)
    )
    heading = named.report.splitlines()[0]
    assert heading == "# @\u200bteam &lt;script&gt;alert(1)&lt;/script&gt; \\| \\`x\\` �\\[31m next"


def test_what_was_changed_is_named(new_instance):
    data = new_instance.to_bytes()
    digest = new_instance.programs["process-panic"].digest
    assert refused(changed(data, trace__json=b"{}")) == (
        "This repro was changed after it was saved: the SHA-256 of trace.json is not what repro.json says."
    )
    assert refused(changed(data, trace__json=None)) == "This is no labkit repro: trace.json is missing."
    assert refused(changed(data, repro__json=None)) == "This is no labkit repro: repro.json is missing."
    assert refused(changed(data, more__py=b"print()")) == (
        "This is no labkit repro: it holds more.py, which repro.json does not list."
    )
    assert refused(resealed(data, **{f"programs/{digest}__wasm": b"\0asm\1\0\0\0"})) == (
        "This is no labkit repro: the program 'process-panic' is another than repro.json says."
    )
    assert refused(resealed(data, trace__json=b'{"format": 9}')) == (
        "This trace has format 9; this labkit reads format 1."
    )
    manifest = json.loads(unpack_files(data)["repro.json"])
    newer = json.dumps(manifest | {"format": 2}).encode()
    assert refused(changed(data, repro__json=newer)) == "This repro has format 2; this labkit reads format 1."
    odd = json.dumps(manifest | {"hook": "rm"}).encode()
    assert refused(changed(data, repro__json=odd)) == (
        "This is no labkit repro: repro.json: Object contains unknown field `hook`."
    )


@pytest.mark.parametrize(
    ("step", "why"),
    [
        ({"n": 7}, "its steps are not numbered one after another"),
        ({"store": 9}, "step 4 is in a store that it does not list"),
        ({"program": "other"}, "step 4 is of a program that it does not list"),
        ({"inside": 4}, "step 4 was made during step 4, which is not before it"),
        ({"outcome": {"kind": "refused", "cause": {"kind": "poisoned", "step": 99}}}, "step 4 blames step 99"),
        ({"outcome": {"kind": "returned", "value": 2**64}}, "an integer needs more than 64 bits"),
        ({"args": [json.loads("[" * 40 + "]" * 40)]}, "lists and objects are nested deeper than 32"),
        ({"outcome": None}, "step 4 has no outcome"),
    ],
)
def test_a_trace_that_cannot_have_happened(new_instance, step, why):
    trace = json.loads(new_instance.trace.to_json())
    trace["steps"][3] |= step
    sentence = refused(resealed(new_instance.to_bytes(), trace__json=json.dumps(trace).encode()))
    assert sentence.startswith("This is no trace that labkit has recorded: ")
    assert why in sentence


def test_a_program_that_the_scenario_names_has_to_be_there(new_instance):
    scenario = json.loads(new_instance.scenario.to_json()) | {"guest": "other"}
    sentence = refused(resealed(new_instance.to_bytes(), scenario__json=json.dumps(scenario).encode()))
    assert sentence == ("This is no labkit repro: its scenario names the program 'other', which it does not hold.")


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_STORED) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name), data, compress_type=method)
    return made.getvalue()


@pytest.mark.parametrize(
    "name", ["../up", "/etc/passwd", "a/../../b", "C:\\x", ".hidden", "", "a//b", "a\x1b", "x" * 300]
)
def test_names_that_lead_elsewhere(name):
    sentence = refused(zipped((name, b"")))
    assert sentence.startswith("This is no labkit repro: it holds a file called ")
    assert sentence.isprintable()
    with pytest.raises(FormatError, match=r"^A repro cannot hold a file called "):
        pack_files({name: b""})


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_bombs_and_crowds():
    zeros = bytes(2**25)
    many = [(f"a{i}", b"") for i in range(bounds.REPRO_FILES + 1)]
    large = bounds.REPRO // 2**20
    assert "times as large as it is now" in refused(zipped(("a", zeros), method=zipfile.ZIP_DEFLATED))
    assert f"unpacked it is larger than {large} MiB" in refused(
        zipped(("a", zeros), ("b", zeros), ("c", zeros), method=zipfile.ZIP_DEFLATED)
    )
    assert f"it holds {len(many)} files, and {bounds.REPRO_FILES} are the most" in refused(zipped(*many))
    assert f"it is larger than {large} MiB" in refused(bytes(bounds.REPRO + 1))
    assert "it holds a more than once" in refused(zipped(("a", b""), ("a", b"")))
    assert "compressed in a way that none has to be" in refused(zipped(("a", b"x"), method=zipfile.ZIP_LZMA))


def test_a_member_that_lies_about_its_size():
    data = bytearray(zipped(("a", b"0123456789" * 10), method=zipfile.ZIP_DEFLATED))
    at = data.index(b"PK\1\2") + 24
    data[at : at + 4] = (5).to_bytes(4, "little")
    assert "This is no labkit repro: " in refused(bytes(data))


@pytest.mark.parametrize("part", [0, 3, 100, -1, -30])
def test_a_file_that_was_cut(new_instance, part):
    data = new_instance.to_bytes()
    assert refused(data[:part]).startswith("This is no labkit repro: ")


def test_something_behind_the_end_is_not_ignored(new_instance):
    assert refused(new_instance.to_bytes() + b"#!") == (
        "This is no labkit repro: the end is missing, or something follows it."
    )


def test_a_file_that_cannot_be_read_or_written(new_instance, tmp_path):
    with pytest.raises(FormatError, match=r"absent.labkit cannot be read: No such file or directory\.$"):
        load_repro(tmp_path / "absent.labkit")
    (tmp_path / "ed.labkit").write_bytes(changed(new_instance.to_bytes(), scenario__json=b"{}"))
    with pytest.raises(FormatError) as edited:
        load_repro(tmp_path / "ed.labkit")
    assert str(edited.value) == (
        f"{tmp_path / 'ed.labkit'} was changed after it was saved: the SHA-256 of scenario.json is not what "
        "repro.json says."
    )
    with pytest.raises(FormatError, match=r"x.labkit cannot be written: No such file or directory\.$"):
        new_instance.save(tmp_path / "missing" / "x.labkit")
    (tmp_path / "text.labkit").write_text("hello")
    with pytest.raises(FormatError, match=r"text.labkit: This is no labkit repro: it is no zip archive\.$"):
        load_repro(tmp_path / "text.labkit")


def test_what_could_not_be_read_again_is_not_written(new_instance):
    program = new_instance.programs["process-panic"]
    odd = msgspec.structs.replace(
        new_instance, programs={"process-panic": replace(program, sources={"../x": "fn main() {}"})}
    )
    with pytest.raises(FormatError, match=r"^A repro cannot hold a file called "):
        odd.to_bytes()


def test_the_policy_that_was_asked_for_is_the_repro_s(new_instance):
    assert new_instance.scenario.policy is None
    fresh = packed("01-poisoned-component", "fresh-store")
    assert (fresh.scenario.policy, fresh.trace.policy, fresh.scenario.expect) == ("fresh-store", "fresh-store", ())
    assert packed("01-poisoned-component").scenario.expect == ("trapped", "refused", "refused")
    assert new_instance.scenario.id == NEW_INSTANCE
