;; Fetches what it needs while it is being instantiated.
(module $start_loads
  (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (global $value (mut i32) (i32.const 0))
  (start $load)

  (func $load
    (global.set $value (call $fetch (i32.const 3))))

  (func $answer (export "answer") (result i32)
    (global.get $value)))
