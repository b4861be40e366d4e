;; Calls the host while it is being instantiated.
(module $host_start
  (import "host" "log" (func $log (param i32)))
  (global $ready (mut i32) (i32.const 0))
  (start $begin)

  (func $begin
    (call $log (i32.const 1))
    (global.set $ready (i32.const 1)))

  ;; 1 once the start function has run.
  (func $ready (export "ready") (result i32)
    (global.get $ready)))
