//! Making, moving, linking and removing names in folders.
//!
//! A file must not become writable by being linked or moved into a folder with more rights: what the target would pass on
//! for the file, the source must pass on as well.

use super::descriptor::Descriptor;
use super::paths::{path, stat};
use super::{LookupFlags, Result, Rights};
use crate::errno::Errno;
use cap_primitives::fs::{self, DirOptions};
use std::os::unix::ffi::OsStringExt;

impl Descriptor {
    pub fn create_folder(&self, name: &[u8]) -> Result<()> {
        let folder = self.folder_with(Rights::PATH_CREATE_DIRECTORY)?;
        Ok(fs::create_dir(folder, path(name)?, &DirOptions::new())?)
    }

    /// As in Linux, a folder may be named with slashes at the end.
    pub fn remove_folder(&self, name: &[u8]) -> Result<()> {
        let folder = self.folder_with(Rights::PATH_REMOVE_DIRECTORY)?;
        let end = name.iter().rposition(|byte| *byte != b'/').map_or(name.len(), |last| last + 1);
        Ok(fs::remove_dir(folder, path(&name[..end])?)?)
    }

    pub fn remove_file(&self, name: &[u8]) -> Result<()> {
        let folder = self.folder_with(Rights::PATH_UNLINK_FILE)?;
        Ok(fs::remove_file(folder, path(name)?)?)
    }

    pub fn rename(&self, name: &[u8], target: &Descriptor, new_name: &[u8]) -> Result<()> {
        let from = self.folder_with(Rights::PATH_RENAME_SOURCE)?;
        let to = target.folder_with(Rights::PATH_RENAME_TARGET)?;
        self.may_pass_files_to(target)?;
        Ok(fs::rename(from, path(name)?, to, path(new_name)?)?)
    }

    /// Makes a hard link. A symbolic link at the end of the old name is itself linked. A guest can ask to follow it,
    /// which is refused, as the system cannot do it without a race; some ask without need.
    pub fn link(
        &self,
        lookup: LookupFlags,
        name: &[u8],
        target: &Descriptor,
        new_name: &[u8],
    ) -> Result<()> {
        let from = self.folder_with(Rights::PATH_LINK_SOURCE)?;
        let to = target.folder_with(Rights::PATH_LINK_TARGET)?;
        self.may_pass_files_to(target)?;
        if lookup.contains(LookupFlags::FOLLOW) && stat(from, name, LookupFlags::NONE)?.is_symlink()
        {
            return Err(Errno::Invalid);
        }
        Ok(fs::hard_link(from, path(name)?, to, path(new_name)?)?)
    }

    /// Makes a symbolic link. It may lead anywhere but to an absolute path, which programs of the host might follow;
    /// where it leads is checked when it is followed.
    pub fn symlink(&self, leads_to: &[u8], name: &[u8]) -> Result<()> {
        let folder = self.folder_with(Rights::PATH_SYMLINK)?;
        Ok(fs::symlink(path(leads_to)?, folder, path(name)?)?)
    }

    /// Where a symbolic link leads, as it was written.
    pub fn read_link(&self, name: &[u8]) -> Result<Vec<u8>> {
        let folder = self.folder_with(Rights::PATH_READLINK)?;
        Ok(fs::read_link_contents(folder, path(name)?)?.into_os_string().into_vec())
    }

    fn may_pass_files_to(&self, target: &Descriptor) -> Result<()> {
        let passed_on = target.inheriting().and(Rights::FILE_CHANGES);
        if self.inheriting().contains(passed_on) { Ok(()) } else { Err(Errno::NotCapable) }
    }
}
