//! Which library this is.

use std::ffi::c_char;

/// Major, minor and patch in one number: `major * 10000 + minor * 100 + patch`.
const VERSION_NUMBER: u32 = 100;

/// Returns the version of the library that is running, to be compared with `WASMRT_VERSION_NUMBER`
/// of the header.
#[unsafe(no_mangle)]
pub extern "C" fn wasmrt_version_number() -> u32 {
    VERSION_NUMBER
}

/// What the engine can do, in the names of the proposals.
macro_rules! features {
    () => {
        "bulk-memory multi-value reference-types simd relaxed-simd tail-call multi-memory memory64 \
         extended-const function-references wide-arithmetic threads exceptions legacy-exceptions \
         compact-imports custom-page-sizes"
    };
}

/// Returns a static text with the version, the target, the build type, and the supported proposals
/// beyond WebAssembly 1.0. It must not be freed.
#[unsafe(no_mangle)]
pub extern "C" fn wasmrt_build_info() -> *const c_char {
    macro_rules! text {
        ($build:literal) => {
            concat!(
                "wasmrt ",
                env!("CARGO_PKG_VERSION"),
                " x86_64-linux ",
                $build,
                "; features: ",
                features!(),
                "\0"
            )
        };
    }
    const TEXT: &str = if cfg!(debug_assertions) { text!("debug") } else { text!("release") };
    TEXT.as_ptr().cast()
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_number_is_the_packages_version() {
        let parts: Vec<u32> =
            env!("CARGO_PKG_VERSION").split('.').map(|p| p.parse().unwrap_or(0)).collect();
        assert_eq!(super::VERSION_NUMBER, parts[0] * 10_000 + parts[1] * 100 + parts[2]);
    }
}
