;; Tells the host a number and answers with it.
(module $host_log
  (import "host" "log" (func $log (param i32)))

  (func $run (export "run") (result i32)
    (call $log (i32.const 7))
    (i32.const 7))

  ;; Never calls the host.
  (func $pure (export "pure") (result i32)
    (i32.const 5)))
