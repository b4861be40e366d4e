"""WIT texts as far as labkit reads them, and the section in which a component carries what they say."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labkit import resources
from labkit.errors import FormatError
from labkit.host import Program
from labkit.inspect.binary import leb
from labkit.inspect.package_docs import read_package_docs
from labkit.inspect.wit import read_wit, unversioned

TEXT = """
/// A shop.
package my:shop@1.2.0;

/* not a comment of anything /* nested */ */
interface counter {
  use types.{price};
  /// Never seen: it is about a type.
  record item { name: string, cost: price, }
  flags colours { red, green }

  /// How many there are.
  ///
  /// Counts `all` of them.
  @since(version = 1.1.0)
  count: func() -> u32;
  %record: func(x: list<tuple<u8, option<string>>>);

  resource basket {
    constructor(name: string);
    /** Adds
     *  an item. */
    add: func(what: item) -> result<_, string>;
    merge: static async func(a: basket, b: basket) -> basket;
  }
}

interface types { type price = u32; }

world shop {
  include wasi:cli/imports@0.2.0;
  import wasi:io/streams@0.2.0;
  import log: interface { /// Writes a line.
    write: func(line: string); }
  export counter;
  /// Opens it.
  export open: async func(day: u8) -> result;
}

package wasi:io@0.2.0 {
  interface streams { /// Waits.
    wait: func(); }
}
"""


def test_comments_belong_to_what_follows_them() -> None:
    found = read_wit({"shop.wit": TEXT})
    assert found.docs == {
        "my:shop/counter#count": "How many there are.\n\nCounts `all` of them.",
        "my:shop/counter#[method]basket.add": "Adds\nan item.",
        "log#write": "Writes a line.",
        "open": "Opens it.",
        "wasi:io/streams#wait": "Waits.",
    }
    assert found.worlds == {"my:shop/shop": ["my:shop/counter", "open"]}
    assert found.functions["my:shop/counter"] == [
        "my:shop/counter#count",
        "my:shop/counter#record",
        "my:shop/counter#[constructor]basket",
        "my:shop/counter#[method]basket.add",
        "my:shop/counter#[static]basket.merge",
    ]


def test_files_of_a_folder_are_one_package() -> None:
    found = read_wit(
        {
            "world.wit": "package a:b; world w { export i; }",
            "more.wit": "interface i { /// Does it.\n f: func(); }",
            "deps/c/c.wit": "package c:d; interface i { f: func(); }",
        }
    )
    assert found.docs == {"a:b/i#f": "Does it."}
    assert found.functions == {"a:b/i": ["a:b/i#f"], "c:d/i": ["c:d/i#f"]}


def test_versions_are_left_out() -> None:
    assert unversioned("wasi:cli/run@0.2.6#run") == "wasi:cli/run#run"
    assert unversioned("process-input") == "process-input"
    assert unversioned("wasi:cli/run@0.2.6") == "wasi:cli/run"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("world w {", "a.wit is no WIT: line 1: include should follow, not the end of the file."),
        ("interface i { f: func() }", "a.wit is no WIT: line 1: more should follow, not the end of the file."),
        ("/* open", "a.wit is no WIT: line 1: a comment does not end."),
        (
            "\nhello world",
            "a.wit is no WIT: line 2: interface or world or package or use should follow, not hello.",
        ),
        ("\n\n#!", "a.wit is no WIT: line 3: '#' is no part of it."),
        ("interface { }", "a.wit is no WIT: line 1: a name should follow, not {."),
    ],
)
def test_what_is_no_wit_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(FormatError) as raised:
        read_wit({"a.wit": text})
    assert str(raised.value) == sentence


def test_packages_cannot_be_nested_without_end() -> None:
    with pytest.raises(FormatError, match="packages are nested deeper than 32"):
        read_wit({"a.wit": "package a:b { " * 100})


@given(st.text(alphabet="interface world{}();:=@/*package.f-%1 \n>", max_size=80))
def test_any_text_is_wit_or_a_sentence(text: str) -> None:
    said = "a.wit is no WIT: line "
    with suppress(FormatError):
        read_wit({"a.wit": text})
        return
    with pytest.raises(FormatError, match=said):
        read_wit({"a.wit": text})


def test_every_guest_of_the_catalogue_is_read() -> None:
    folders = list(resources.guests_dir().glob("*/wit"))
    assert folders
    for folder in folders:
        assert read_wit({path.name: path.read_text("utf-8") for path in folder.glob("*.wit")}).worlds


def carrying(content: bytes) -> bytes:
    section = leb(len(b"package-docs")) + b"package-docs" + content
    return Program.from_wat("c", "(component)").wasm + b"\0" + leb(len(section)) + section


def test_a_component_may_carry_them() -> None:
    said = {
        "package": "my:shop@1.2.0",
        "interfaces": {
            "counter": {"docs": "Counts.", "funcs": {"count": "How many.", "add": {"docs": "One more."}}}
        },
        "worlds": {
            "shop": {"func_exports": {"open": {"docs": "Opens it.", "stability": {}}}, "funcs": {"log": None}}
        },
    }
    assert read_package_docs(carrying(b"\1" + json.dumps(said).encode())) == {
        "my:shop/counter": "Counts.",
        "my:shop/counter#count": "How many.",
        "my:shop/counter#add": "One more.",
        "open": "Opens it.",
    }
    del said["package"]
    assert read_package_docs(carrying(b"\0" + json.dumps(said).encode()))["counter#count"] == "How many."


@pytest.mark.parametrize(
    "content", [b"", b"\2{}", b"\1{", b"\1[]", b"\1\xff", b'\1{"interfaces": 3}', b"\1" + b"[" * 9999]
)
def test_a_section_that_is_damaged_says_nothing(content: bytes) -> None:
    assert read_package_docs(carrying(content)) == {}


def test_wit_of_this_size_is_read_at_once() -> None:
    many = "".join(f"/// Does {n}.\n f{n}: func();\n" for n in range(5000))
    assert len(read_wit({"a.wit": f"package a:b; interface i {{ {many} }}"}).docs) == 5000
