;; Writes into a memory that is not its own, and traps before its instantiation is done.
(module $start_writes
  (import "keeper" "memory" (memory 1))
  (start $write)

  (func $write
    (i32.store (i32.const 0) (i32.const 7))
    (unreachable)))
