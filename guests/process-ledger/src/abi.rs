//! The exports of a core module: numbers in, a number out, and a trap where the source panics.

#[unsafe(export_name = "transfer")]
extern "C" fn transfer(amount: i32) -> i32 {
    crate::transfer(amount)
}

#[unsafe(export_name = "total")]
extern "C" fn total() -> i32 {
    crate::total()
}

#[unsafe(export_name = "transfer-plain")]
extern "C" fn transfer_plain(amount: i32) -> i32 {
    crate::transfer_plain(amount)
}

#[unsafe(export_name = "total-plain")]
extern "C" fn total_plain() -> i32 {
    crate::total_plain()
}

#[unsafe(export_name = "note")]
extern "C" fn note(amount: i32) -> i32 {
    crate::note(amount)
}

#[unsafe(export_name = "notes")]
extern "C" fn notes() -> i32 {
    crate::notes()
}

#[unsafe(export_name = "open")]
extern "C" fn open() -> i32 {
    crate::open()
}

#[unsafe(export_name = "dive")]
extern "C" fn dive(depth: i32) -> i32 {
    crate::dive(depth)
}

#[unsafe(export_name = "add")]
extern "C" fn add(left: i32, right: i32) -> i32 {
    crate::add(left, right)
}

#[unsafe(export_name = "load")]
extern "C" fn load(mib: i32) -> i32 {
    crate::load(mib)
}

#[unsafe(export_name = "recurse")]
extern "C" fn recurse() -> i32 {
    crate::recurse(0)
}

#[unsafe(export_name = "stop")]
extern "C" fn stop() -> i32 {
    crate::stop()
}
