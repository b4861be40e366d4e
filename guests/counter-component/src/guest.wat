;; The counter of counter-core, lifted into a component.
(component
  (core module $counter
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

  (core instance $instance (instantiate $counter))
  (func (export "count") (result u32) (canon lift (core func $instance "count")))
  (func (export "crash") (canon lift (core func $instance "crash")))
  (func (export "spin") (canon lift (core func $instance "spin"))))
