"""Guests for the native path: what returns, traps, is no function, or does not even start."""

from __future__ import annotations

from labkit.host import Program

CORE = Program.from_wat(
    "core",
    """(module
      (memory (export "memory") 1)
      (global $calls (mut i32) (i32.const 0))
      (func (export "double") (param f64) (result f64) local.get 0 f64.const 2 f64.mul)
      (func (export "count") (result i32)
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        global.get $calls)
      (func (export "mixed") (param i32 i64 f32) (result f64)
        (f64.add (f64.convert_i32_s (local.get 0))
                 (f64.add (f64.convert_i64_s (local.get 1)) (f64.promote_f32 (local.get 2)))))
      (func (export "pair") (result i32 i64) i32.const 7 i64.const 8)
      (func (export "trap") (param i32) (result i32)
        (if (i32.eqz (local.get 0)) (then unreachable))
        local.get 0)
      (func (export "reference") (param externref)))""",
)

COMPONENT = Program.from_wat(
    "component",
    """(component
      (core module $m
        (memory (export "memory") 1)
        (global $calls (mut i32) (i32.const 0))
        (func (export "double") (param f64) (result f64) local.get 0 f64.const 2 f64.mul)
        (func (export "small") (param i32) (result i32) local.get 0)
        (func (export "count") (result i32)
          (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
          global.get $calls)
        (func (export "trap") (param i32) (result i32)
          (if (i32.eqz (local.get 0)) (then unreachable))
          local.get 0)
        (func (export "text") (result i32)
          (i32.store (i32.const 0) (i32.const 1024))
          (i32.store (i32.const 4) (i32.const 60000))
          i32.const 0)
        (func (export "nothing")))
      (core instance $i (instantiate $m))
      (func (export "double") (param "x" f64) (result f64) (canon lift (core func $i "double")))
      (func (export "small") (param "x" s8) (result s8) (canon lift (core func $i "small")))
      (func (export "count") (result u32) (canon lift (core func $i "count")))
      (func (export "trap") (param "x" u32) (result u32) (canon lift (core func $i "trap")))
      (func (export "text") (result string)
        (canon lift (core func $i "text") (memory (core memory $i "memory"))))
      (func (export "nothing") (canon lift (core func $i "nothing"))))""",
)

STILLBORN = {
    "core": Program.from_wat(
        "stillborn",
        """(module (func $start unreachable) (start $start)
          (func (export "count") (result i32) i32.const 1))""",
    ),
    "component": Program.from_wat(
        "stillborn",
        """(component
          (core module $m (func $start unreachable) (start $start)
            (func (export "count") (result i32) i32.const 1))
          (core instance $i (instantiate $m))
          (func (export "count") (result u32) (canon lift (core func $i "count"))))""",
    ),
}
