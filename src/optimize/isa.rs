//! Cranelift's description of this machine.
//!
//! Made when the first function is compiled, since making it costs a quarter of a millisecond.
//! There are two variants: the thorough one, and a cheap one for functions so large that the
//! thorough one's super-linear passes would take minutes.

use super::features::Features;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
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

/// What to generate code for.
#[derive(Clone, Copy, Debug)]
pub struct IsaConfig {
    /// Extensions that code may use; the processor has them.
    pub features: Features,
    /// Check all intermediate code; slow, for tests.
    pub verifier: bool,
}

impl Isa {
    pub fn new(config: IsaConfig) -> Result<Isa, IsaError> {
        if !cfg!(target_arch = "x86_64") {
            return Err(IsaError("code is generated for x86-64 only".into()));
        }
        Ok(Isa {
            thorough: build("speed", "backtracking", config)?,
            cheap: build("none", "single_pass", config)?,
        })
    }
}

fn build(opt_level: &str, regalloc: &str, config: IsaConfig) -> Result<OwnedTargetIsa, IsaError> {
    let mut flags = settings::builder();
    let verifier = if config.verifier { "true" } else { "false" };
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
        ("enable_alias_analysis", "true"),
        ("is_pic", "false"),
    ] {
        flags.set(name, value).map_err(|e| IsaError(format!("setting {name}: {e}")))?;
    }
    let flags = settings::Flags::new(flags);
    let isa = builder(config)?.finish(flags).map_err(|e| IsaError(e.to_string()))?;
    Ok(isa)
}

fn builder(config: IsaConfig) -> Result<isa::Builder, IsaError> {
    let missing = Features::NEEDED.beyond(Features::of_machine());
    if !missing.is_empty() {
        return Err(IsaError(format!("the processor lacks {missing}")));
    }
    let builder = cranelift_native::builder_with_options(false);
    let mut builder = builder.map_err(|e| IsaError(e.to_owned()))?;
    for flag in config.features.flags() {
        builder.enable(flag).map_err(|e| IsaError(e.to_string()))?;
    }
    Ok(builder)
}
