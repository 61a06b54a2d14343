//! A store: the objects of one group of instances, what they may use up, and its life.
//!
//! What is counted or bounded per store belongs here. Everything that a store only contains is an
//! object of a room further up, which the store does not name.

pub mod foreign;
pub mod limits;
pub mod metering;
pub mod stack_limit;
pub mod store;
