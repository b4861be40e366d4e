;; Waits for an event while it is being instantiated. None can come: nobody was asked for one.
(component
  (core module $Memory (memory (export "memory") 1))
  (core instance $memory (instantiate $Memory))
  (core func $waitable-set.new (canon waitable-set.new))
  (core func $waitable-set.wait (canon waitable-set.wait (memory (core memory $memory "memory"))))

  (core module $Main
    (import "canon" "waitable-set.new" (func $new (result i32)))
    (import "canon" "waitable-set.wait" (func $wait (param i32 i32) (result i32)))
    (start $begin)

    (func $begin
      (drop (call $wait (call $new) (i32.const 0))))

    ;; 1 once the start function has run.
    (func $ready (export "ready") (result i32)
      (i32.const 1)))

  (core instance $main (instantiate $Main
    (with "canon" (instance
      (export "waitable-set.new" (func $waitable-set.new))
      (export "waitable-set.wait" (func $waitable-set.wait))))))

  (func (export "ready") (result u32) (canon lift (core func $main "ready"))))
