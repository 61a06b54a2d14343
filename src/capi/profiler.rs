//! What profilers of the system may be told: the values of `WASMRT_OPTION_PROFILER`.

use crate::observe::Profiler;
use wasmrt_profiler_enum::*;

/// The values of `WASMRT_OPTION_PROFILER`. Functions have the names that backtraces show, and behind
/// them how the code was made: `name [baseline]`, `name [optimized]`, or `name [optimized loop]` for
/// code that continues a running loop. With any of them, making code reachable takes longer; code
/// runs as fast as without.
#[allow(non_camel_case_types, reason = "the naming scheme of the header")]
#[repr(C)]
#[derive(Clone, Copy)]
pub enum wasmrt_profiler_enum {
    /// Nothing (default).
    WASMRT_PROFILER_NONE = 0,
    /// The names and addresses of functions are written to `/tmp/perf-PID.map`, where `perf report`
    /// finds them. The file is left behind.
    WASMRT_PROFILER_PERF_MAP = 1,
    /// Code, names and lines are written to `jit-PID.dump`, for `perf inject`. The file is left
    /// behind in `/tmp`, or in the folder that `wasmrt_config_set_profiler_folder` chooses.
    WASMRT_PROFILER_JITDUMP = 2,
}

pub(super) const PROFILERS: [(u64, Profiler); 3] = [
    (WASMRT_PROFILER_NONE as u64, Profiler::None),
    (WASMRT_PROFILER_PERF_MAP as u64, Profiler::PerfMap),
    (WASMRT_PROFILER_JITDUMP as u64, Profiler::Jitdump),
];
