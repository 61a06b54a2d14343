//! Samples of where a program spends its time.

use super::error::Error;
use super::names::taken;
use super::owner;
use super::store::Store;
use wasmrt::capi::profile::*;

owner! {
    /// A profile.
    Profile of wasmrt_profile_t, deleted by wasmrt_profile_delete
}

impl Profile {
    /// Begins to take samples; before the first instance.
    pub fn begin(store: &Store) -> Result<Profile, Error> {
        // SAFETY: a valid handle.
        Profile::new(unsafe { wasmrt_profile_new(store.handle(), 0) }).ok_or_else(Error::last)
    }

    pub fn text(&self, format: wasmrt_profile_format_enum) -> Result<Vec<u8>, Error> {
        let mut done = false;
        // SAFETY: a valid handle, and room for the result.
        let text = taken(|out| unsafe {
            done = wasmrt_profile_write(self.handle(), format as u32, out);
        });
        if done { Ok(text) } else { Err(Error::last()) }
    }
}
