;; The guard in the start-up code of wasi-libc, and nothing else: a command that may run once.
(component
  (core module $command
    (global $started (mut i32) (i32.const 0))

    (func $_start (export "run") (result i32)
      (if (global.get $started)
        (then unreachable))
      (global.set $started (i32.const 1))
      ;; 0 is the case `ok` of the result.
      (i32.const 0)))

  (core instance $instance (instantiate $command))
  (func $run (result (result)) (canon lift (core func $instance "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
