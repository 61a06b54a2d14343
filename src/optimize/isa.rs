//! Cranelift's description of this machine.
//!
//! Made when the first function is compiled, since making it costs a quarter of a millisecond.
//! There are two variants: the thorough one, and a cheap one for functions so large that the
//! thorough one's super-linear passes would take minutes.

use cranelift_codegen::isa::OwnedTargetIsa;
use cranelift_codegen::settings::{self, Configurable};
use std::fmt;

/// What the compiler knows about the machine, shared by all workers.
pub struct Isa {
    pub(super) thorough: OwnedTargetIsa,
    pub(super) cheap: OwnedTargetIsa,
}

/// This machine cannot run compiled code; says what it lacks.
#[derive(Debug, Clone)]
pub struct IsaError(pub String);

impl fmt::Display for IsaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for IsaError {}

impl Isa {
    /// The machine that this process runs on.
    pub fn native() -> Result<Isa, IsaError> {
        Isa::with_verifier(false)
    }

    /// As [`Isa::native`]; `verifier` checks all generated Cranelift code (slow, for tests).
    pub fn with_verifier(verifier: bool) -> Result<Isa, IsaError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(IsaError("code is generated for x86-64 only".into()));
        }
        Ok(Isa {
            thorough: build("speed", "backtracking", verifier)?,
            cheap: build("none", "single_pass", verifier)?,
        })
    }
}

fn build(opt_level: &str, regalloc: &str, verifier: bool) -> Result<OwnedTargetIsa, IsaError> {
    let mut flags = settings::builder();
    let verifier = if verifier { "true" } else { "false" };
    for (name, value) in [
        ("opt_level", opt_level),
        ("regalloc_algorithm", regalloc),
        ("enable_verifier", verifier),
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        ("enable_heap_access_spectre_mitigation", "false"),
        ("enable_table_access_spectre_mitigation", "false"),
        ("machine_code_cfg_info", "false"),
        ("enable_alias_analysis", "true"),
        ("is_pic", "false"),
    ] {
        flags.set(name, value).map_err(|e| IsaError(format!("setting {name}: {e}")))?;
    }
    let isa = cranelift_native::builder()
        .map_err(|e| IsaError(e.to_owned()))?
        .finish(settings::Flags::new(flags))
        .map_err(|e| IsaError(e.to_string()))?;
    let enabled = |name: &str| {
        isa.isa_flags().iter().any(|flag| flag.name == name && flag.as_bool() == Some(true))
    };
    for needed in ["has_sse3", "has_ssse3", "has_sse41"] {
        if !enabled(needed) {
            return Err(IsaError(format!("the processor lacks {}", &needed[4..].to_uppercase())));
        }
    }
    Ok(isa)
}
