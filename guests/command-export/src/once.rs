//! A cell that is filled once, as `OnceLock` is, without a word of the standard library's in the component.
//!
//! `OnceLock` can panic, and says where: in a folder of the machine that compiled it, if that has the library's source.

use std::cell::UnsafeCell;

pub struct OnceCell<T>(UnsafeCell<Option<T>>);

// A component instance runs one call at a time.
unsafe impl<T> Sync for OnceCell<T> {}

impl<T> OnceCell<T> {
    pub const fn new() -> Self {
        OnceCell(UnsafeCell::new(None))
    }

    /// What the first call made, with this call's `make` if it is the first.
    pub fn get_or_init(&self, make: impl FnOnce() -> T) -> &T {
        unsafe { &mut *self.0.get() }.get_or_insert_with(make)
    }
}
