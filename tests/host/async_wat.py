"""Guests that call the host while they run, core modules and components, and the host functions they want."""

import asyncio

from labkit.host import Program

# `slow` and `note` are what the host provides; `run n` adds up slow(n), slow(n-1), … slow(1).
_BODY = """
    (func (export "run") (param $n i32) (result i32) (local $sum i32)
      (loop $again
        (local.set $sum (i32.add (local.get $sum) (call $slow (local.get $n))))
        (call $note (local.get $sum))
        (local.set $n (i32.sub (local.get $n) (i32.const 1)))
        (br_if $again (local.get $n)))
      (local.get $sum))
    (func (export "ask") (param i32) (result i32) (call $slow (local.get 0)))
    (func (export "crash") (param i32) (drop (call $slow (local.get 0))) unreachable)
    (func (export "spin") (loop br 0))
    (func $deep (export "deep") (result i32) (i32.add (i32.const 1) (call $deep)))
    (func $down (export "down") (param i32)
      (if (local.get 0)
        (then (call $down (i32.sub (local.get 0) (i32.const 1))) (drop (i32.const 0)))
        (else (call $note (i32.const 0)))))
    (global $count (mut i32) (i32.const 0))
    (func (export "count") (result i32)
      (global.set $count (i32.add (global.get $count) (i32.const 1)))
      (global.get $count))
"""

CORE = f"""
(module
  (import "host" "slow" (func $slow (param i32) (result i32)))
  (import "host" "note" (func $note (param i32)))
  {_BODY})
"""

COMPONENT = f"""
(component
  (import "slow" (func $slow (param "x" u32) (result u32)))
  (import "note" (func $note (param "x" u32)))
  (core func $slow_core (canon lower (func $slow)))
  (core func $note_core (canon lower (func $note)))
  (core module $m
    (import "host" "slow" (func $slow (param i32) (result i32)))
    (import "host" "note" (func $note (param i32)))
    {_BODY})
  (core instance $i (instantiate $m (with "host" (instance
    (export "slow" (func $slow_core)) (export "note" (func $note_core))))))
  (func (export "run") (param "n" u32) (result u32) (canon lift (core func $i "run")))
  (func (export "ask") (param "n" u32) (result u32) (canon lift (core func $i "ask")))
  (func (export "crash") (param "n" u32) (canon lift (core func $i "crash")))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "deep") (result u32) (canon lift (core func $i "deep")))
  (func (export "down") (param "n" u32) (canon lift (core func $i "down")))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
"""

ECHO = """
(component
  (import "test:echo/host" (instance $host
    (export "twice" (func (param "words" (list string))
      (result (result (tuple string (list u8)) (error string)))))))
  (core module $libc
    (memory (export "memory") 1)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      (global.get $next)
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $libc (instantiate $libc))
  (alias core export $libc "memory" (core memory $memory))
  (alias core export $libc "realloc" (core func $realloc))
  (core func $twice (canon lower (func $host "twice") (memory $memory) (realloc $realloc)))
  (core module $m
    (import "host" "twice" (func $twice (param i32 i32 i32)))
    (func (export "twice") (param i32 i32) (result i32)
      (call $twice (local.get 0) (local.get 1) (i32.const 16))
      (i32.const 16)))
  (core instance $i (instantiate $m (with "host" (instance (export "twice" (func $twice))))))
  (func (export "twice") (param "words" (list string))
    (result (result (tuple string (list u8)) (error string)))
    (canon lift (core func $i "twice") (memory $memory) (realloc $realloc))))
"""

CORE_WRITES = """
(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "host" "slow" (func $slow (param i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 0) "\\08\\00\\00\\00\\06\\00\\00\\00hello\\n")
  (func (export "greet") (param $stream i32)
    (drop (call $slow (i32.const 1)))
    (drop (call $write (local.get $stream) (i32.const 0) (i32.const 1) (i32.const 20)))))
"""

# An export that is an `async` function: it yields once, then asks the host and gives its answer back.
ASYNC_EXPORT = """
(component
  (import "slow" (func $slow (param "x" u32) (result u32)))
  (core func $slow_core (canon lower (func $slow)))
  (core func $give (canon task.return (result u32)))
  (core module $m
    (import "" "slow" (func $slow (param i32) (result i32)))
    (import "" "give" (func $give (param i32)))
    (func (export "init") (result i32) (i32.const 1))
    (func (export "init_goes_on") (param i32 i32 i32) (result i32)
      (call $give (call $slow (i32.const 4)))
      (i32.const 0)))
  (core instance $i (instantiate $m (with "" (instance
    (export "slow" (func $slow_core)) (export "give" (func $give))))))
  (alias core export $i "init_goes_on" (core func $goes_on))
  (func (export "init") async (result u32)
    (canon lift (core func $i "init") async (callback $goes_on))))
"""

core = Program.from_wat("core", CORE)
writes = Program.from_wat("writes", CORE_WRITES)
component = Program.from_wat("component", COMPONENT)
echo = Program.from_wat("echo", ECHO)
async_export = Program.from_wat("async-export", ASYNC_EXPORT)
PROGRAMS = [core, component]


class Gate:
    """A host function that waits until it is let through; `asked` is set once a guest is waiting."""

    def __init__(self):
        self.asked = asyncio.Event()
        self.open = asyncio.Event()
        self.cleaned_up = False

    async def slow(self, x):
        self.asked.set()
        try:
            await self.open.wait()
        finally:
            self.cleaned_up = True
        return 10 * x


async def ten_times(x):
    await asyncio.sleep(0)
    return 10 * x


def imports(slow=ten_times, note=lambda _x: None):
    """Host functions under the paths of both kinds of program."""
    return {"slow": slow, "note": note, "host#slow": slow, "host#note": note}
