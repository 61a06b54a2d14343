//! Cranelift's target description of this machine.

use crate::abi::Features;
use crate::abi::features::Extension;
use cranelift_codegen::isa::{self, OwnedTargetIsa};
use cranelift_codegen::settings::{self, Configurable};
use std::fmt;

/// The target machine, shared by all workers.
pub struct Isa {
    pub(super) target: OwnedTargetIsa,
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
        Ok(Isa { target: build(config)? })
    }
}

fn build(config: IsaConfig) -> Result<OwnedTargetIsa, IsaError> {
    let mut flags = settings::builder();
    let text = |on| if on { "true" } else { "false" };
    let verifier = text(config.verifier);
    let masks = text(!config.features.has(Extension::Speculation));
    for (name, value) in [
        ("opt_level", "speed"),
        ("regalloc_algorithm", "backtracking"),
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
