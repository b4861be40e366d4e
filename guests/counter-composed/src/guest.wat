;; Two instances of one component inside another: what one of them does is no business of its sibling.
(component
  (component $counter
    (core module $code
      (global $count (mut i32) (i32.const 0))

      (func (export "count") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (global.get $count))

      (func (export "crash")
        (call $boom))

      ;; A function of its own, so that the trap has two frames.
      (func $boom
        unreachable))

    (core instance $instance (instantiate $code))
    (func (export "count") (result u32) (canon lift (core func $instance "count")))
    (func (export "crash") (canon lift (core func $instance "crash"))))

  (instance $left (instantiate $counter))
  (instance $right (instantiate $counter))
  (export "left-count" (func $left "count"))
  (export "left-crash" (func $left "crash"))
  (export "right-count" (func $right "count")))
