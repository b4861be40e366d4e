;; Counts its calls, crashes on request, runs for ever on request.
(module $counter
  (memory (export "memory") 1)
  (global $count (mut i32) (i32.const 0))

  (func $count (export "count") (result i32)
    (global.set $count (i32.add (global.get $count) (i32.const 1)))
    (global.get $count))

  (func $crash (export "crash")
    (call $boom))

  ;; A function of its own, so that the trap has two frames.
  (func $boom
    unreachable)

  (func $spin (export "spin")
    (loop $again
      (br $again))))
