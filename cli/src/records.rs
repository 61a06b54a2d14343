//! Files about a run: `--profile` and `--timeline`. The ending of the file decides its format.

use crate::api::{Engine, Profile, ProfileFormat, Store, TimelineFormat};
use crate::report::{Outcome, Report, reason};
use crate::settings::cannot;
use clap::{Arg, ArgMatches, ValueHint, value_parser};
use std::fs;
use std::path::{Path, PathBuf};

pub fn options() -> [Arg; 2] {
    let file = |name: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("FILE")
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
    };
    [
        file("profile").help(
            "Write where the program spent its time: folded stacks; .svg: a flame graph; .json: for Firefox",
        ),
        file("timeline").help(
            "Write what was compiled when: a picture (.svg), or trace events (.json) for Perfetto",
        ),
    ]
}

/// Begins the profile, if one is wanted.
pub fn begin(matches: &ArgMatches, store: &Store) -> Outcome<Option<Profile>> {
    if !matches.contains_id("profile") {
        return Ok(None);
    }
    Profile::begin(store).map(Some).map_err(|error| cannot("take a profile", error))
}

/// Writes the files that are wanted.
pub fn write(matches: &ArgMatches, engine: &Engine, profile: Option<&Profile>) -> Outcome<()> {
    if let (Some(path), Some(profile)) = (matches.get_one::<PathBuf>("profile"), profile) {
        let format = match path.extension().and_then(|ending| ending.to_str()) {
            Some("json") => ProfileFormat::WASMRT_PROFILE_FIREFOX,
            Some("svg") => ProfileFormat::WASMRT_PROFILE_SVG,
            _ => ProfileFormat::WASMRT_PROFILE_FOLDED,
        };
        let text = profile.text(format).map_err(|error| cannot("write the profile", error))?;
        write_file(path, &text)?;
    }
    if let Some(path) = matches.get_one::<PathBuf>("timeline") {
        let format = match has_ending(path, "svg") {
            true => TimelineFormat::WASMRT_TIMELINE_SVG,
            false => TimelineFormat::WASMRT_TIMELINE_TRACE_EVENTS,
        };
        let text = engine.timeline(format).map_err(|error| cannot("write the timeline", error))?;
        write_file(path, &text)?;
    }
    Ok(())
}

fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|extension| extension == ending)
}

fn write_file(path: &Path, text: &[u8]) -> Outcome<()> {
    fs::write(path, text).map_err(|error| {
        Report::new(format!("cannot write {}: {}", path.display(), reason(&error)))
    })
}
