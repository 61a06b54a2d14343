//! A store: the objects of one group of instances, what they may use up, and its life.
//!
//! What is counted or bounded per store belongs here. What a store contains are objects of kinds that
//! it does not name, defined in the rooms above.

pub mod code_users;
pub mod collect;
pub mod handles;
pub mod limits;
pub mod metering;
pub mod stack_limit;
pub mod store;
