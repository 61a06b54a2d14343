//! The registers of the calling conventions, in the order in which `abi::signature` counts them.

use super::x64::*;
use crate::abi::signature::{C_INT_ARGS, INT_ARGS, INT_RESULTS};

/// Integer argument registers of guest code, in order; the first is the vmctx.
pub const INT_ARG_REGS: [Reg; INT_ARGS] = [RDI, RSI, RDX, RCX, R8, R9];
/// Integer result registers of guest code, in order.
pub const INT_RESULT_REGS: [Reg; INT_RESULTS] = [RAX, RCX, RDX, RSI, RDI, R8, R9, R10];

/// Integer argument registers of the platform's C functions, in order.
pub const C_ARG_REGS: [Reg; C_INT_ARGS] = [RDI, RSI, RDX, RCX, R8, R9];

/// A vector register that holds neither argument nor result in any convention.
pub const FREE_XMM: Xmm = Xmm(15);
