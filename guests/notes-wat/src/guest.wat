;; Keeps notes as the account book in Rust does, and answers a panic with the same record.
(component $notes_wat
  (core module $notes
    (memory (export "memory") 1)
    (data (i32.const 64) "amount too large")
    (data (i32.const 96) "notes-wat/src/guest.wat")

    (tag $panic)
    (global $count (mut i32) (i32.const 0))

    (func $refuse_above_50 (param $amount i32)
      (if (i32.gt_s (local.get $amount) (i32.const 50))
        (then (throw $panic))))

    ;; A result<s32, panic-error> at 0: the tag, and its payload at 4.
    (func (export "note") (param $amount i32) (result i32)
      (block $caught
        (try_table (catch_all $caught)
          (call $refuse_above_50 (local.get $amount))
          (global.set $count (i32.add (global.get $count) (i32.const 1)))
          (i32.store8 (i32.const 0) (i32.const 0))
          (i32.store (i32.const 4) (global.get $count))
          (return (i32.const 0))))
      (i32.store8 (i32.const 0) (i32.const 1))
      (i32.store (i32.const 4) (i32.const 64))
      (i32.store (i32.const 8) (i32.const 16))
      (i32.store (i32.const 12) (i32.const 96))
      (i32.store (i32.const 16) (i32.const 23))
      (i32.store (i32.const 20) (i32.const 13))
      (i32.store (i32.const 24) (i32.const 15))
      (i32.const 0)))

  (core instance $instance (instantiate $notes))
  (alias core export $instance "memory" (core memory $memory))
  (type $record (record
    (field "message" string) (field "file" string) (field "line" u32) (field "column" u32)))
  (export $panic-error "panic-error" (type $record))
  (func (export "note") (param "amount" s32) (result (result s32 (error $panic-error)))
    (canon lift (core func $instance "note") (memory $memory))))
