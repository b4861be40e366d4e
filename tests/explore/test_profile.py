"""What is said of programs from strangers, and of files that are none."""

import pytest

from labkit.errors import FormatError, LabkitError, ProgramError
from labkit.explore import load_program, profile_of
from labkit.host import Program
from labkit.inspect import read_anatomy
from labkit.runtimes import ChildLimits


def texts(signatures):
    return [str(one) for one in signatures]


def test_a_core_module_with_imports(profiled):
    _, profile = profiled("ENV")
    interface = profile.interface
    assert profile.problem is None
    assert texts(interface.exports) == [
        "ask: func(arg1: i32) -> i32",
        "count: func() -> i32",
        "read: func(arg1: i32) -> i32",
    ]
    assert texts(interface.wants) == ["env#log: func(arg1: i32) -> i32"]
    assert (interface.unmet, interface.others) == (("env#log",), {"env#memory": "memory"})
    (binary,) = profile.anatomy.binaries
    assert [section.name for section in binary.sections] == [
        "type", "import", "function", "global", "export", "code", "custom “name”"
    ]  # fmt: skip
    assert sum(section.size for section in binary.sections) + 8 == profile.size
    assert profile.anatomy.names.imports == ("env#log", "env#memory")
    assert profile.anatomy.symbols == "no names: it is stripped"


def test_a_component_with_records_variants_and_a_list(profiled):
    _, profile = profiled("SHAPES")
    assert texts(profile.interface.exports) == [
        "join: func(words: list<string>, style: record { separator: string, upper: bool }) -> u32",
        "area: func(of: variant { circle(f64), square(f64), nothing }) -> f64",
    ]
    assert texts(profile.interface.wants) == ["host:api/log@1.0.0#level: func(of: u8) -> option<u8>"]
    assert [(one.kind, one.depth) for one in profile.anatomy.binaries] == [("component", 0), ("module", 1)]


def test_a_guest_of_the_lab(lab_guest):
    anatomy = read_anatomy(lab_guest)
    assert anatomy.wasi == ("0.2.6",)
    assert "Rust" in anatomy.producers["language"]
    assert anatomy.names.exports == ("process-input", "calls")
    assert anatomy.symbols.endswith("without lines")


def test_what_a_release_has_switched_off_is_named(profiled):
    _, profile = profiled("LEAST_MEMORY_PAGE")
    assert profile.interface.lacks == ("custom page sizes",)
    assert profile.problem == (
        "least_memory_page uses custom page sizes, which Wasmtime 50.0.1 can be told to take and does not take by "
        "itself. least_memory_page is rejected by the runtime: the custom page sizes proposal must be enabled to "
        "customize a memory's page size (at offset 0xb)."
    )


def test_a_proposal_that_no_switch_lets_in_is_told_in_the_runtimes_own_words(nursery):
    program = Program.from_wat("set", "(module (type (shared (func))))")
    profile = profile_of(program, nursery=nursery)
    assert (profile.interface.lacks, profile.problem) == (
        (),
        "set is rejected by the runtime: shared composite types require the shared-everything-threads proposal "
        "(at offset 0xb).",
    )
    assert profile.anatomy.binaries[0].sections[0].name == "type"


def test_a_program_that_takes_too_long_is_no_reason_to_wait(nursery):
    function = f"(func (result i32) i32.const 1 {'i32.const 3 i32.mul ' * 200})"
    program = Program.from_wat("long", f'(module (func (export "f")) {function * 3000})')
    profile = profile_of(program, limits=ChildLimits(seconds=0.1), nursery=nursery)
    assert profile.problem == (
        "While it compiled long, Wasmtime 50.0.1 timed out: the child ran longer than its limit of 0.1 s."
    )
    assert profile.anatomy.names.exports == ("f",)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "file.wasm is no WebAssembly: the file is empty."),
        (b"\x7fELF\x02\x01\x01\0" * 4, "file.wasm is no WebAssembly: it is an ELF executable or library."),
        (b"hello, world\n", "file.wasm is no WebAssembly: it is a text that begins with 'hello, world'."),
        (b"PK\x03\x04" + bytes(30), "file.wasm is no WebAssembly: it is a zip archive; unpack it first."),
        (
            b"PK\x03\x04 repro.json",
            "file.wasm is a labkit repro and no program; `labkit show file.wasm` says what is in it.",
        ),
        (b"\0asm", "file.wasm is cut off after 4 bytes, within the header of WebAssembly."),
        (b"\0asm\x0a\0\x01\0", "file.wasm is WebAssembly of a version that no release here reads: 0a 00 01 00."),
        (
            b"\0\1\2\3\4\5\6\7\x08",
            "file.wasm is no WebAssembly: it starts with 00 01 02 03 04 05 06 07, not with the header of a core "
            "module or a component.",
        ),
    ],
)
def test_a_file_that_is_no_program(tmp_path, data, sentence):
    (tmp_path / "file.wasm").write_bytes(data)
    with pytest.raises(ProgramError) as refused:
        load_program(tmp_path / "file.wasm")
    assert str(refused.value) == sentence


def test_text_is_recognised_whatever_its_name_ends_in(tmp_path):
    (tmp_path / "text").write_text(";; a comment\n(module)")
    assert load_program(tmp_path / "text").how == "wat"


def test_a_file_that_is_cut_off_is_said_to_be(lab_guest):
    sentence = r"^cut is damaged at byte \d+ and after: \d+ bytes should follow, not \d+; the file is cut off\.$"
    with pytest.raises(FormatError, match=sentence):
        read_anatomy(Program.from_bytes("cut", lab_guest.wasm[:2000]))


def test_a_component_without_exports_has_nothing_to_call(nursery):
    program = Program.from_bytes("empty", b"\0asm\x0d\0\x01\0")
    assert profile_of(program, nursery=nursery).problem == "empty exports no function."


def test_every_beginning_of_a_program_has_an_answer(lab_guest):
    told = set()
    for size in range(8, lab_guest.size, 997):
        try:
            read_anatomy(Program.from_bytes("cut", lab_guest.wasm[:size]))
        except FormatError as error:
            told.add(str(error)[:22])
    assert told == {"cut is damaged at byte"}


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(LabkitError, match="cannot be read: it is no file"):
        load_program(tmp_path)
