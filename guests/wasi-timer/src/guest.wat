;; Waits through WASI: asks the clock for a timer, and blocks on it.
(component
  (import "wasi:io/poll@0.2.0" (instance $poll
    (export "pollable" (type $pollable (sub resource)))
    (export "[method]pollable.block" (func (param "self" (borrow $pollable))))))
  (alias export $poll "pollable" (type $pollable))
  (import "wasi:clocks/monotonic-clock@0.2.0" (instance $clock
    (alias outer 1 $pollable (type $outer))
    (export "pollable" (type $pollable (eq $outer)))
    (export "now" (func (result u64)))
    (export "subscribe-duration" (func (param "when" u64) (result (own $pollable))))))

  (core func $now (canon lower (func $clock "now")))
  (core func $subscribe (canon lower (func $clock "subscribe-duration")))
  (core func $block (canon lower (func $poll "[method]pollable.block")))
  (core func $drop (canon resource.drop $pollable))

  (core module $timer
    (import "wasi" "now" (func $now (result i64)))
    (import "wasi" "subscribe-duration" (func $subscribe (param i64) (result i32)))
    (import "wasi" "block" (func $block (param i32)))
    (import "wasi" "drop" (func $drop (param i32)))

    (func $wait (export "wait") (param $ms i32) (result i32)
      (local $timer i32)
      (local.set $timer
        (call $subscribe (i64.mul (i64.extend_i32_u (local.get $ms)) (i64.const 1000000))))
      (call $block (local.get $timer))
      (call $drop (local.get $timer))
      (local.get $ms))

    ;; Two calls of WASI that need not wait.
    (func $clock_runs (export "clock-runs") (result i32)
      (i64.le_u (call $now) (call $now))))

  (core instance $wasi
    (export "now" (func $now))
    (export "subscribe-duration" (func $subscribe))
    (export "block" (func $block))
    (export "drop" (func $drop)))
  (core instance $instance (instantiate $timer (with "wasi" (instance $wasi))))

  (func (export "wait") (param "ms" u32) (result u32) (canon lift (core func $instance "wait")))
  (func (export "clock-runs") (result bool) (canon lift (core func $instance "clock-runs"))))
