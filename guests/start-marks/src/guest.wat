;; Only notes, while it is being instantiated, that a value is wanted; the first call fetches it.
(module $start_marks
  (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (global $init_requested (mut i32) (i32.const 0))
  (global $value (mut i32) (i32.const 0))
  (start $mark)

  (func $mark
    (global.set $init_requested (i32.const 1)))

  (func $load
    (global.set $value (call $fetch (i32.const 3)))
    (global.set $init_requested (i32.const 0)))

  (func $answer (export "answer") (result i32)
    (if (global.get $init_requested) (then (call $load)))
    (global.get $value)))
