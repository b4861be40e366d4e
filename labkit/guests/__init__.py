"""The guests: what there is, how it is compiled, and what stands in when nothing can be compiled.

catalogue, guest            what there is, from each guest.toml
build, build_source         source to Artifact: bytes with their provenance
find_toolchains, survey     the compilers here, and what each missing one would take
plan, perform               setting a compiler up
verify_prebuilt, …          the shipped .wasm files against their source
"""

from labkit.guests.artifact import Artifact, How
from labkit.guests.build import Use, build, build_source
from labkit.guests.catalogue import Example, Extern, Guest, Language, Pair, catalogue, guest
from labkit.guests.install import Action, perform, plan
from labkit.guests.installs import Std
from labkit.guests.prebuilt import Check, Record, rebuild_prebuilt, records, verify_prebuilt
from labkit.guests.process import Say
from labkit.guests.toolchain import Toolchain, Way, find_toolchains, first_toolchain, survey
from labkit.guests.workspace import Debug, sources

__all__ = [
    "Action",
    "Artifact",
    "Check",
    "Debug",
    "Example",
    "Extern",
    "Guest",
    "How",
    "Language",
    "Pair",
    "Record",
    "Say",
    "Std",
    "Toolchain",
    "Use",
    "Way",
    "build",
    "build_source",
    "catalogue",
    "find_toolchains",
    "first_toolchain",
    "guest",
    "perform",
    "plan",
    "rebuild_prebuilt",
    "records",
    "sources",
    "survey",
    "verify_prebuilt",
]
