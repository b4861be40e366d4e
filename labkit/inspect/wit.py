"""Reads what WIT texts say of functions: their names, by world and interface, and the doc comments above them.

Types are passed over: what a program takes and gives is for the runtime to say.
https://github.com/WebAssembly/component-model/blob/main/design/mvp/WIT.md
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Final

from labkit.errors import FormatError
from labkit.inspect.wit_tokens import END, Token, WitError, tokens

_TYPES_WITH_BODY: Final = ("record", "variant", "enum", "flags")
_DEPTH: Final = 32


@dataclass
class Wit:
    """What WIT texts say, by paths without versions.

    `docs`: what stands above an interface (`wasi:cli/run`) or a function (`wasi:cli/run#run`, `name` of a world's
    own). `functions`: the paths of an interface's functions. `worlds`: the functions and interfaces that each
    exports.
    """

    docs: dict[str, str] = field(default_factory=dict)
    functions: dict[str, list[str]] = field(default_factory=dict)
    worlds: dict[str, list[str]] = field(default_factory=dict)


def unversioned(path: str) -> str:
    """A path of a function or an interface without the version of its package."""
    interface, sign, name = path.rpartition("#") if "#" in path else (path, "", "")
    return f"{interface.partition('@')[0]}{sign}{name}"


def read_wit(texts: Mapping[str, str]) -> Wit:
    """What these files say, by their names; those of one folder are one package.

    Raises `FormatError`, which names file and line, for what is no WIT.
    """
    folders: dict[PurePosixPath, dict[str, list[Token]]] = {}
    for name, text in texts.items():
        try:
            folders.setdefault(PurePosixPath(name).parent, {})[name] = tokens(text)
        except WitError as error:
            raise FormatError(f"{name} is no WIT: {error}.") from None
    found = Wit()
    for files in folders.values():
        package = next((_package(file) for file in files.values() if _declares(file)), "")
        for name, file in files.items():
            try:
                _Parser(file, found).file(package)
            except WitError as error:
                raise FormatError(f"{name} is no WIT: {error}.") from None
    return found


def _declares(file: list[Token]) -> bool:
    """Whether it begins with the name of its package, which ends with a semicolon, and not with a nested one."""
    signs = [token.text for token in file if token.text in ("{", ";")]
    return file[0].text == "package" and signs[:1] == [";"]


def _package(file: list[Token]) -> str:
    texts = [token.text for token in file[1:]]
    return "".join(texts[: texts.index(";")]).partition("@")[0]


class _Parser:
    """Goes through the tokens of one file, into `found`."""

    def __init__(self, file: list[Token], found: Wit) -> None:
        self._tokens = file
        self._at = 0
        self._found = found

    def file(self, package: str) -> None:
        if _declares(self._tokens):
            self._statement()
        self._items(package, END)

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, *wanted: str) -> Token:
        token = self._next
        if (wanted and token.text not in wanted) or token.text == END:
            raise WitError(f"line {token.line}: {' or '.join(wanted) or 'more'} should follow, not {token.told}")
        self._at += 1
        return token

    def _name(self) -> Token:
        token = self._take()
        if not token.is_name:
            raise WitError(f"line {token.line}: a name should follow, not {token.told}")
        return token

    def _items(self, package: str, last: str, depth: int = 0) -> None:
        if depth > _DEPTH:
            raise WitError(f"line {self._next.line}: packages are nested deeper than {_DEPTH}")
        while self._next.text != last:
            docs = self._attributes()
            keyword = self._take("interface", "world", "package", "use")
            match keyword.text:
                case "interface":
                    path = f"{package}/{self._name().name}"
                    self._note(path, docs)
                    self._interface(path)
                case "world":
                    self._world(f"{package}/{self._name().name}", package)
                case "package":
                    nested = self._until("{").partition("@")[0]
                    self._items(nested, "}", depth + 1)
                    self._take("}")
                case _:
                    self._statement()

    def _interface(self, path: str) -> None:
        self._take("{")
        functions = self._found.functions.setdefault(path, [])
        while self._next.text != "}":
            docs = self._attributes()
            if not self._type(path):
                functions.append(self._function(f"{path}#{self._name().name}", docs))
        self._take("}")

    def _world(self, path: str, package: str) -> None:
        self._take("{")
        exports = self._found.worlds.setdefault(path, [])
        while self._next.text != "}":
            docs = self._attributes()
            if self._next.text in ("import", "export"):
                word = self._take().text
                extern = self._extern(package, docs)
                if word == "export":
                    exports.append(extern)
            elif not self._type(path):
                self._take("include")
                self._skip()
        self._take("}")

    def _extern(self, package: str, docs: str) -> str:
        """What is imported or exported: a function, an interface that stands here, or one by its name."""
        if self._tokens[self._at + 1].text == ":" and self._tokens[self._at + 2].text in ("func", "async"):
            return self._function(self._name().name, docs)
        if self._tokens[self._at + 1].text == ":" and self._tokens[self._at + 2].text == "interface":
            path = self._name().name
            self._take(":")
            self._take("interface")
            self._note(path, docs)
            self._interface(path)
            return path
        named = self._until(";").partition("@")[0]
        path = named if ":" in named else f"{package}/{named}"
        self._note(path, docs)
        return path

    def _type(self, path: str) -> bool:
        """Pass over a type or a `use`; False if there is none. The functions of a resource are noted."""
        word, after = self._next.text, self._tokens[self._at + 1]
        if word in ("type", "use"):
            self._statement()
        elif word in _TYPES_WITH_BODY and after.is_name:
            self._take()
            self._name()
            self._braces()
        elif word == "resource" and after.is_name:
            self._take()
            self._resource(path, self._name().name)
        else:
            return False
        return True

    def _resource(self, path: str, resource: str) -> None:
        if self._take("{", ";").text == ";":
            return
        functions = self._found.functions.setdefault(path, [])
        while self._next.text != "}":
            docs = self._attributes()
            name = self._name().name
            if name == "constructor" and self._next.text == "(":
                self._skip()
                functions.append(self._note(f"{path}#[constructor]{resource}", docs))
                continue
            static = self._tokens[self._at + 1].text == "static"
            kind = "static" if static else "method"
            functions.append(self._function(f"{path}#[{kind}]{resource}.{name}", docs))
        self._take("}")

    def _function(self, path: str, docs: str) -> str:
        self._take(":")
        for word in ("static", "async"):
            if self._next.text == word:
                self._take()
        self._take("func")
        self._skip()
        return self._note(path, docs)

    def _note(self, path: str, docs: str) -> str:
        if docs:
            self._found.docs.setdefault(path, docs)
        return path

    def _attributes(self) -> str:
        """Pass over `@since(…)` and the like; the doc comment above them."""
        docs = self._next.docs
        while self._next.text == "@":
            self._take()
            self._name()
            if self._next.text == "(":
                while self._take().text != ")":
                    pass
            docs = docs or self._next.docs
        return docs

    def _statement(self) -> None:
        self._take()
        self._skip()

    def _skip(self) -> None:
        while self._take().text != ";":
            pass

    def _until(self, last: str) -> str:
        parts = []
        while (token := self._take()).text != last:
            parts.append(token.name)
        return "".join(parts)

    def _braces(self) -> None:
        self._take("{")
        while self._take().text != "}":
            pass
