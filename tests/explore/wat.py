"""Programs that nobody here would call their own, as text."""

ENV = """(module
  (import "env" "log" (func $log (param i32) (result i32)))
  (import "env" "memory" (memory 1))
  (global $calls (mut i32) (i32.const 0))
  (func (export "ask") (param i32) (result i32) local.get 0 call $log)
  (func (export "count") (result i32)
    (global.set $calls (i32.add (global.get $calls) (i32.const 1))) global.get $calls)
  (func (export "read") (param i32) (result i32) local.get 0 i32.load))"""

CELL = """(module
  (memory (export "memory") 1)
  (func (export "put") (param i32 i32) local.get 0 local.get 1 i32.store)
  (func (export "grow") (result i32) i32.const 1 memory.grow)
  (func (export "crash") unreachable))"""

RESOURCES = """(component
  (import "far:away/things@1.2.0" (instance $things
    (export "thing" (type $thing (sub resource)))
    (export "make" (func (result (own $thing))))))
  (core module $m (func (export "answer") (result i32) i32.const 42))
  (core instance $i (instantiate $m))
  (func (export "answer") (result u32) (canon lift (core func $i "answer"))))"""

SHAPES = """(component
  (import "host:api/log@1.0.0" (instance $log (export "level" (func (param "of" u8) (result (option u8))))))
  (type $style' (record (field "separator" string) (field "upper" bool)))
  (import "style" (type $style (eq $style')))
  (type $shape' (variant (case "circle" f64) (case "square" f64) (case "nothing")))
  (import "shape" (type $shape (eq $shape')))
  (core module $m
    (memory (export "memory") 1)
    (func (export "join") (param i32 i32 i32 i32 i32) (result i32) local.get 1)
    (func (export "area") (param i32 f64) (result f64) local.get 1)
    (func (export "realloc") (param i32 i32 i32 i32) (result i32) i32.const 1024))
  (core instance $i (instantiate $m))
  (func (export "join") (param "words" (list string)) (param "style" $style) (result u32)
    (canon lift (core func $i "join") (memory (core memory $i "memory"))
      (realloc (core func $i "realloc"))))
  (func (export "area") (param "of" $shape) (result f64) (canon lift (core func $i "area"))))"""

LEAST_MEMORY_PAGE = "(module (memory 1 (pagesize 1)))"
