;; The same work as start-awaits, asked for by whoever made the instance: `init`, in four ways.
(component
  (import "fetch" (func $fetch (param "key" u32) (result u32)))

  ;; The other half: `load` is an async function, which answers one turn later with what the host fetches.
  (component $Service
    (import "fetch" (func $fetch (param "key" u32) (result u32)))
    (core func $lowered-fetch (canon lower (func $fetch)))
    (core func $task.return (canon task.return (result u32)))
    (core module $Main
      (import "canon" "fetch" (func $fetch (param i32) (result i32)))
      (import "canon" "task.return" (func $return (param i32)))
      (global $key (mut i32) (i32.const 0))

      ;; Yields to whoever else has something to do; 1 means that.
      (func $load (export "load") (param $of i32) (result i32)
        (global.set $key (local.get $of))
        (i32.const 1))

      ;; Called back afterwards; 0 means that it is done.
      (func $go-on (export "go-on") (param $event i32) (param $index i32) (param $status i32) (result i32)
        (call $return (call $fetch (global.get $key)))
        (i32.const 0)))
    (core instance $main (instantiate $Main
      (with "canon" (instance
        (export "fetch" (func $lowered-fetch))
        (export "task.return" (func $task.return))))))
    (func (export "load") async (param "key" u32) (result u32)
      (canon lift (core func $main "load") async (callback (core func $main "go-on")))))

  (component $Guest
    (import "load" (func $load async (param "key" u32) (result u32)))
    (core module $Memory (memory (export "memory") 1))
    (core instance $memory (instantiate $Memory))
    (core func $lowered-load (canon lower (func $load) async (memory (core memory $memory "memory"))))
    (core func $waitable-set.new (canon waitable-set.new))
    (core func $waitable-set.wait (canon waitable-set.wait (memory (core memory $memory "memory"))))
    (core func $waitable.join (canon waitable.join))
    (core func $subtask.drop (canon subtask.drop))
    (core func $task.return (canon task.return (result u32)))

    (core module $Main
      (import "memory" "memory" (memory 1))
      (import "canon" "load" (func $load (param i32 i32) (result i32)))
      (import "canon" "waitable-set.new" (func $new (result i32)))
      (import "canon" "waitable-set.wait" (func $wait (param i32 i32) (result i32)))
      (import "canon" "waitable.join" (func $join (param i32 i32)))
      (import "canon" "subtask.drop" (func $drop (param i32)))
      (import "canon" "task.return" (func $return (param i32)))

      ;; Asks for the value of key 3, which arrives at address 64; the status, and the subtask that is at work.
      (func $ask (result i32)
        (call $load (i32.const 3) (i32.const 64)))

      ;; Waits here, on this stack, until the subtask has returned.
      (func $wait-for (param $status i32) (local $subtask i32) (local $set i32)
        (if (i32.ne (i32.and (local.get $status) (i32.const 15)) (i32.const 2 (; returned ;)))
          (then
            (local.set $subtask (i32.shr_u (local.get $status) (i32.const 4)))
            (local.set $set (call $new))
            (call $join (local.get $subtask) (local.get $set))
            (loop $again
              (drop (call $wait (local.get $set) (i32.const 16)))
              (br_if $again (i32.ne (i32.load (i32.const 20)) (i32.const 2))))
            (call $drop (local.get $subtask)))))

      ;; Waits on its own stack. Lifted as a plain function it may not; as an async one it may.
      (func $init (export "init") (result i32)
        (call $wait-for (call $ask))
        (call $answer))

      ;; Returns to the runtime and says which set of events it waits for (2); it is called back with each event.
      (func $init-callback (export "init-callback") (result i32) (local $set i32)
        (local.set $set (call $new))
        (call $join (i32.shr_u (call $ask) (i32.const 4)) (local.get $set))
        (i32.or (i32.const 2) (i32.shl (local.get $set) (i32.const 4))))

      ;; May be called back, and waits on its own stack all the same.
      (func $init-waiting (export "init-waiting") (result i32)
        (call $wait-for (call $ask))
        (call $return (call $answer))
        (i32.const 0))

      (func $go-on (export "go-on") (param $event i32) (param $subtask i32) (param $status i32) (result i32)
        (call $drop (local.get $subtask))
        (call $return (call $answer))
        (i32.const 0))

      ;; What was loaded; 0 before.
      (func $answer (export "answer") (result i32)
        (i32.load (i32.const 64))))
    (core instance $main (instantiate $Main
      (with "memory" (instance $memory))
      (with "canon" (instance
        (export "load" (func $lowered-load))
        (export "waitable-set.new" (func $waitable-set.new))
        (export "waitable-set.wait" (func $waitable-set.wait))
        (export "waitable.join" (func $waitable.join))
        (export "subtask.drop" (func $subtask.drop))
        (export "task.return" (func $task.return))))))
    (func (export "init-plain") (result u32) (canon lift (core func $main "init")))
    (func (export "init") async (result u32) (canon lift (core func $main "init")))
    (func (export "init-callback") async (result u32)
      (canon lift (core func $main "init-callback") async (callback (core func $main "go-on"))))
    (func (export "init-waiting") async (result u32)
      (canon lift (core func $main "init-waiting") async (callback (core func $main "go-on"))))
    (func (export "answer") (result u32) (canon lift (core func $main "answer"))))

  (instance $service (instantiate $Service (with "fetch" (func $fetch))))
  (instance $guest (instantiate $Guest (with "load" (func $service "load"))))
  (export "init-plain" (func $guest "init-plain"))
  (export "init" (func $guest "init"))
  (export "init-callback" (func $guest "init-callback"))
  (export "init-waiting" (func $guest "init-waiting"))
  (export "answer" (func $guest "answer")))
