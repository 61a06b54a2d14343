//! The processor extensions that code may use.
//!
//! One list serves both purposes: the extensions that compilers may use, and those that serialized code may
//! require. Extensions that Cranelift knows but this list lacks are not used.
//!
//! [`Extension::Speculation`] is no extension of a processor but treated as one: code without masks needs it, so an
//! engine that wants masks compiles without it and refuses serialized code that needs it.

use std::fmt;

/// A set of extensions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Features(u32);

macro_rules! extensions {
    ($($bit:literal $name:tt $flag:literal;)*) => {
        /// Number, name and Cranelift's flag. Numbers are never reused.
        const EXTENSIONS: &[(u32, &str, &str)] = &[$(($bit, $name, $flag)),*];

        #[cfg(target_arch = "x86_64")]
        fn detect() -> u32 {
            0 $(| u32::from(is_x86_feature_detected!($name)) << $bit)*
        }
    };
}

extensions! {
    0 "sse3" "has_sse3";
    1 "ssse3" "has_ssse3";
    2 "sse4.1" "has_sse41";
    3 "sse4.2" "has_sse42";
    4 "popcnt" "has_popcnt";
    5 "avx" "has_avx";
    6 "avx2" "has_avx2";
    7 "fma" "has_fma";
    8 "bmi1" "has_bmi1";
    9 "bmi2" "has_bmi2";
    10 "lzcnt" "has_lzcnt";
    11 "cmpxchg16b" "has_cmpxchg16b";
    12 "avxvnni" "has_avx_vnni";
    13 "avx512vnni" "has_avx512vnni";
    14 "avx512bitalg" "has_avx512bitalg";
    15 "avx512dq" "has_avx512dq";
    16 "avx512f" "has_avx512f";
    17 "avx512vl" "has_avx512vl";
    18 "avx512vbmi" "has_avx512vbmi";
}

/// An extension that code of ours asks for, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Extension {
    Popcnt = 4,
    Avx = 5,
    Avx2 = 6,
    Fma = 7,
    Bmi1 = 8,
    Bmi2 = 9,
    Lzcnt = 10,
    /// What a processor executes ahead, past a check that will fail, does no harm.
    Speculation = 31,
}

/// The bit of [`Extension::Speculation`].
const SPECULATION: u32 = 1 << Extension::Speculation as u32;

#[cfg(not(target_arch = "x86_64"))]
fn detect() -> u32 {
    0
}

impl Features {
    /// The extensions that every supported processor has.
    pub const NEEDED: Features = Features(SPECULATION | 0b111);

    /// The extensions of this processor.
    pub fn of_machine() -> Features {
        Features(SPECULATION | detect())
    }

    /// As without trust in what the processor executes ahead.
    pub fn without_speculation(self) -> Features {
        Features(self.0 & !SPECULATION)
    }

    pub fn bits(self) -> u32 {
        self.0
    }

    pub fn from_bits(bits: u32) -> Features {
        Features(bits)
    }

    /// The extensions of `self` that are not in `other`.
    pub fn beyond(self, other: Features) -> Features {
        Features(self.0 & !other.0)
    }

    pub fn has(self, extension: Extension) -> bool {
        self.0 >> extension as u8 & 1 == 1
    }

    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Cranelift's names for them.
    pub fn flags(self) -> impl Iterator<Item = &'static str> {
        self.known().map(|(_, _, flag)| *flag)
    }

    fn known(self) -> impl Iterator<Item = &'static (u32, &'static str, &'static str)> {
        EXTENSIONS.iter().filter(move |(bit, ..)| self.0 >> bit & 1 == 1)
    }
}

/// The names, separated by commas.
impl fmt::Display for Features {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = EXTENSIONS.iter().fold(SPECULATION, |all, (bit, ..)| all | 1 << bit);
        let names = self.known().map(|(_, name, _)| *name);
        let speculation = (self.0 & SPECULATION != 0).then_some("speculation past checks");
        let others = (self.0 & !known != 0).then_some("unknown ones");
        for (i, name) in names.chain(speculation).chain(others).enumerate() {
            write!(f, "{}{name}", if i > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

#[cfg(all(test, target_arch = "x86_64"))]
mod tests {
    use super::*;

    #[test]
    fn names_are_listed() {
        let needed = Features::NEEDED.to_string();
        assert_eq!(needed, "sse3, ssse3, sse4.1, speculation past checks");
        assert_eq!(Features::NEEDED.without_speculation().to_string(), "sse3, ssse3, sse4.1");
        assert_eq!(Features(1 << 30 | 1 << 10).to_string(), "lzcnt, unknown ones");
        assert!(Features::NEEDED.beyond(Features::of_machine()).is_empty());
        use Extension::*;
        for extension in [Popcnt, Avx, Avx2, Fma, Bmi1, Bmi2, Lzcnt] {
            let name = Features(1 << extension as u8).to_string();
            assert_eq!(format!("{extension:?}").to_lowercase(), name);
            assert!(!Features::NEEDED.has(extension));
        }
    }
}
