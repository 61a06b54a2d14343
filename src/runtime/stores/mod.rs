//! A store: the objects of a group of instances, their limits, and its lifetime.
//!
//! What is counted or limited per store belongs here. The store's objects are of kinds that it does not name,
//! defined in the folders above.

pub mod code_users;
pub mod collect;
mod exception_roots;
pub mod handles;
pub mod limits;
pub mod metering;
pub mod sampler;
pub mod stack_limit;
pub mod store;
