//! The transitions between host and guest code: calls, traps, stacks, and who gets which signal.

mod calls;
mod fibers;
mod guest;
mod random;
mod traps;
mod wide;
