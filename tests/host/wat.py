"""Small programs in WebAssembly text that tests of the host share."""

COUNTER = """
(component
  (core module $m
    (global $n (mut i32) (i32.const 0))
    (func $boom unreachable)
    (func $crash (export "crash") call $boom)
    (func (export "spin") (loop br 0))
    (func (export "count") (result i32)
      (global.set $n (i32.add (global.get $n) (i32.const 1)))
      global.get $n))
  (core instance $i (instantiate $m))
  (func (export "crash") (canon lift (core func $i "crash")))
  (func (export "spin") (canon lift (core func $i "spin")))
  (func (export "count") (result u32) (canon lift (core func $i "count"))))
"""

CORE_COUNTER = """
(module
  (global $n (mut i32) (i32.const 0))
  (func $boom unreachable)
  (func $crash (export "crash") call $boom)
  (func (export "spin") (loop br 0))
  (func (export "add") (param i32 f64) (result f64)
    (f64.add (f64.convert_i32_s (local.get 0)) (local.get 1)))
  (func (export "count") (result i32)
    (global.set $n (i32.add (global.get $n) (i32.const 1)))
    global.get $n))
"""

CALLS_HOST = """
(component
  (import "ask" (func $ask (result u32)))
  (core func $ask_core (canon lower (func $ask)))
  (core module $m
    (import "" "ask" (func $ask (result i32)))
    (func (export "go") (result i32) call $ask)
    (func (export "ok") (result i32) i32.const 7))
  (core instance $i (instantiate $m (with "" (instance (export "ask" (func $ask_core))))))
  (func (export "go") (result u32) (canon lift (core func $i "go")))
  (func (export "ok") (result u32) (canon lift (core func $i "ok"))))
"""

CORE_CALLS_HOST = """
(module
  (import "host" "ask" (func $ask (param i32) (result i32)))
  (func (export "go") (result i32) (call $ask (i32.const 20)))
  (func (export "ok") (result i32) i32.const 7))
"""

CORE_START_TRAPS = """(module (func $boom unreachable) (func (export "ok")) (start $boom))"""

CORE_EXITS = """
(module
  (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
  (memory (export "memory") 1)
  (func (export "quit") (call $exit (i32.const 3)))
  (func (export "ok") (result i32) i32.const 7))
"""
