//! Cranelift's target description of this machine.
//!
//! Each variant is created on first use, since that costs a tenth of a millisecond. There are three variants: the
//! thorough one; a cheap one for functions so large that the thorough one's super-linear passes would take minutes;
//! and one that only allocates registers thoroughly, for those whose frame would otherwise become too large,
//! because there values share slots.

use super::error::CompileError;
use crate::abi::Features;
use crate::abi::features::Extension;
use crate::sys::once::OnceArc;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use std::fmt;
use std::sync::Arc;

/// The target machine, shared by all workers.
pub struct Isa {
    pub(super) thorough: OwnedTargetIsa,
    cheap: OnceArc<OwnedTargetIsa>,
    sharing: OnceArc<OwnedTargetIsa>,
    config: IsaConfig,
}

/// This machine cannot run compiled code; the text says what it lacks.
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
    /// Extensions that code may use because the processor has them.
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
            cheap: OnceArc::new(),
            sharing: OnceArc::new(),
            config,
        })
    }

    pub(super) fn cheap(&self) -> Result<Arc<OwnedTargetIsa>, CompileError> {
        self.variant(&self.cheap, "single_pass")
    }

    pub(super) fn sharing(&self) -> Result<Arc<OwnedTargetIsa>, CompileError> {
        self.variant(&self.sharing, "backtracking")
    }

    /// The variant without optimization and with this register allocator.
    fn variant(
        &self,
        made: &OnceArc<OwnedTargetIsa>,
        regalloc: &str,
    ) -> Result<Arc<OwnedTargetIsa>, CompileError> {
        if let Some(isa) = made.get() {
            return Ok(isa);
        }
        let isa = build("none", regalloc, self.config).map_err(|e| CompileError::internal(e.0))?;
        Ok(made.get_or_offer(Arc::new(isa)))
    }
}

fn build(opt_level: &str, regalloc: &str, config: IsaConfig) -> Result<OwnedTargetIsa, IsaError> {
    let mut flags = settings::builder();
    let text = |on| if on { "true" } else { "false" };
    let verifier = text(config.verifier);
    let masks = text(!config.features.has(Extension::Speculation));
    for (name, value) in [
        ("opt_level", opt_level),
        ("regalloc_algorithm", regalloc),
        ("enable_verifier", verifier),
        ("preserve_frame_pointers", "true"),
        ("unwind_info", "false"),
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        ("enable_heap_access_spectre_mitigation", masks),
        ("enable_table_access_spectre_mitigation", masks),
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

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_the_code_generator_would_find_here_is_missing() {
        let flags = |builder: isa::Builder| {
            let isa = builder.finish(settings::Flags::new(settings::builder())).unwrap();
            isa.isa_flags().iter().map(|flag| flag.to_string()).collect::<Vec<_>>()
        };
        let config = IsaConfig { features: Features::of_machine(), verifier: false };
        let ours = builder(config).unwrap();
        assert_eq!(flags(ours), flags(cranelift_native::builder().unwrap()));
    }
}
