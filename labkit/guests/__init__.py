"""The guests: what there is, how it is compiled, and what stands in when nothing can be compiled.

catalogue, guest            what there is, from each guest.toml
build, build_source         source to Artifact: bytes with their provenance
find_toolchains, survey     the compilers here, and what each missing one would take
plan, perform               setting a compiler up
find_javascript, …          one guest for JavaScript, and a Node to run it
find_shrinker, …            wasm-tools, which makes core modules smaller
verify_prebuilt, …          the shipped .wasm files against their source
"""

from labkit.guests.artifact import Artifact, How
from labkit.guests.build import Use, build, build_source
from labkit.guests.catalogue import Example, Extern, Guest, Language, Pair, catalogue, guest
from labkit.guests.componentize import INSTALL, componentizer
from labkit.guests.install import Action, perform, plan
from labkit.guests.installs import Std
from labkit.guests.javascript import JavaScript, find_javascript, perform_javascript, plan_javascript
from labkit.guests.prebuilt import Check, Record, rebuild_prebuilt, records, verify_prebuilt
from labkit.guests.process import Say
from labkit.guests.shrinker import find_shrinker, perform_shrinker, plan_shrinker
from labkit.guests.sources import sources
from labkit.guests.toolchain import Toolchain, Way, find_toolchains, first_toolchain, survey
from labkit.guests.workspace import Debug

__all__ = [
    "INSTALL",
    "Action",
    "Artifact",
    "Check",
    "Debug",
    "Example",
    "Extern",
    "Guest",
    "How",
    "JavaScript",
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
    "componentizer",
    "find_javascript",
    "find_shrinker",
    "find_toolchains",
    "first_toolchain",
    "guest",
    "perform",
    "perform_javascript",
    "perform_shrinker",
    "plan",
    "plan_javascript",
    "plan_shrinker",
    "rebuild_prebuilt",
    "records",
    "sources",
    "survey",
    "verify_prebuilt",
]
