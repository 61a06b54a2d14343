//! Which library this is.

use std::ffi::c_char;

/// Major, minor and patch in one number: `major * 10000 + minor * 100 + patch`.
const VERSION_NUMBER: u32 = 100;

/// The library's version, to be compared with `WASMRT_VERSION_NUMBER` of the header.
#[unsafe(no_mangle)]
pub extern "C" fn wasmrt_version_number() -> u32 {
    VERSION_NUMBER
}

/// A static text with version, target and build type. Never deleted.
#[unsafe(no_mangle)]
pub extern "C" fn wasmrt_build_info() -> *const c_char {
    const TEXT: &str = if cfg!(debug_assertions) {
        concat!("wasmrt ", env!("CARGO_PKG_VERSION"), " x86_64-linux debug\0")
    } else {
        concat!("wasmrt ", env!("CARGO_PKG_VERSION"), " x86_64-linux release\0")
    };
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
