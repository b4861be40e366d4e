;; Asks the host for a number, as a guest that needs a row of a database would.
(module $host_fetch
  (import "host" "fetch" (func $fetch (param i32) (result i32)))
  (global $answered (mut i32) (i32.const 0))

  ;; Twice what the host has for this number.
  (func $ask (export "ask") (param $number i32) (result i32)
    (local $fetched i32)
    (local.set $fetched (call $fetch (local.get $number)))
    (global.set $answered (i32.add (global.get $answered) (i32.const 1)))
    (i32.mul (local.get $fetched) (i32.const 2)))

  ;; How many questions this instance has answered.
  (func $answered (export "answered") (result i32)
    (global.get $answered))

  ;; Never returns.
  (func $spin (export "spin")
    (loop $again
      (br $again))))
