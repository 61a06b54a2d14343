//! The processor extensions that code may use.
//!
//! One list serves both purposes: the extensions that compilers may use, and those that serialized code may
//! require. Extensions that Cranelift knows but this list lacks are not used.
//!
//! [`Extension::Speculation`] is no extension of a processor but treated as one: code without masks needs it, so an
//! engine that wants masks compiles without it and refuses serialized code that needs it.

#[cfg(target_arch = "x86_64")]
use crate::sys::cpu::{self, EAX, EBX, ECX, Leaf};
use std::fmt;

/// A set of extensions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Features(u32);

/// For each extension its number, its name, Cranelift's name, and where `cpuid` says whether there is one.
macro_rules! extensions {
    ($($bit:literal $name:tt $flag:literal $leaf:ident $register:ident $place:literal;)*) => {
        /// Number, name and Cranelift's flag. Numbers are never reused.
        const EXTENSIONS: &[(u32, &str, &str)] = &[$(($bit, $name, $flag)),*];

        #[cfg(target_arch = "x86_64")]
        fn detect() -> u32 {
            0 $(| u32::from(is_x86_feature_detected!($name)) << $bit)*
        }

        /// What the C library has detected: see [`cpu::usable_features`].
        #[cfg(target_arch = "x86_64")]
        fn detected() -> Option<u32> {
            let leaves = cpu::usable_features()?;
            Some(0 $(| ((leaves[Leaf::$leaf as usize][$register] >> $place & 1) << $bit))*)
        }
    };
}

extensions! {
    0 "sse3" "has_sse3" L1 ECX 0;
    1 "ssse3" "has_ssse3" L1 ECX 9;
    2 "sse4.1" "has_sse41" L1 ECX 19;
    3 "sse4.2" "has_sse42" L1 ECX 20;
    4 "popcnt" "has_popcnt" L1 ECX 23;
    5 "avx" "has_avx" L1 ECX 28;
    6 "avx2" "has_avx2" L7 EBX 5;
    7 "fma" "has_fma" L1 ECX 12;
    8 "bmi1" "has_bmi1" L7 EBX 3;
    9 "bmi2" "has_bmi2" L7 EBX 8;
    10 "lzcnt" "has_lzcnt" L80000001 ECX 5;
    11 "cmpxchg16b" "has_cmpxchg16b" L1 ECX 13;
    12 "avxvnni" "has_avx_vnni" L7S1 EAX 4;
    13 "avx512vnni" "has_avx512vnni" L7 ECX 11;
    14 "avx512bitalg" "has_avx512bitalg" L7 ECX 12;
    15 "avx512dq" "has_avx512dq" L7 EBX 17;
    16 "avx512f" "has_avx512f" L7 EBX 16;
    17 "avx512vl" "has_avx512vl" L7 EBX 31;
    18 "avx512vbmi" "has_avx512vbmi" L7 ECX 1;
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
        #[cfg(target_arch = "x86_64")]
        if let Some(known) = detected().map(|known| Features(SPECULATION | known))
            && Features::NEEDED.beyond(known).is_empty()
        {
            return known;
        }
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
    fn the_c_library_and_the_processor_say_the_same() {
        assert!(detected().is_none_or(|known| known == detect()));
        assert_eq!(Features::of_machine(), Features(SPECULATION | detect()));
    }

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
