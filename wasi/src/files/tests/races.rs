//! Ways out by changing folders while a path is resolved.

use super::*;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::{Duration, Instant};

/// Runs `attack` for a while, while another thread runs `change` over and over.
fn race(change: impl Fn() + Send + Sync, mut attack: impl FnMut()) {
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Relaxed) {
                change();
            }
        });
        let end = Instant::now() + Duration::from_millis(300);
        while Instant::now() < end {
            attack();
        }
        is_over.store(true, Relaxed);
    });
}

#[test]
fn a_folder_that_becomes_a_link_meanwhile_does_not_lead_out() {
    let place = Place::new(Access::ReadWrite);
    std::fs::create_dir(place.inside("folder")).unwrap();
    place.write("folder/secret", "mine");
    place.link("../out", "link");
    let (folder, link, spare) =
        (place.inside("folder"), place.inside("link"), place.inside("spare"));
    race(
        || {
            // Exchange the two, and back again.
            for (from, to) in [(&folder, &spare), (&link, &folder), (&spare, &link)] {
                std::fs::rename(from, to).unwrap();
            }
        },
        || {
            for path in [&b"folder/secret"[..], b"link/secret", b"folder/./secret"] {
                if let Ok(file) = place.folder.open(path, FOLLOW) {
                    assert_eq!(read_all(&file).unwrap(), "mine");
                }
                if let Ok(stat) = place.folder.path_filestat(LookupFlags::FOLLOW, path) {
                    assert_eq!(stat.size, 4);
                }
            }
            drop(place.folder.open(b"folder/made", creating()));
            let _ = place.folder.create_folder(b"link/made-folder");
        },
    );
    assert!(!place.outside("made").exists() && !place.outside("made-folder").exists());
}

#[test]
fn a_folder_that_is_moved_out_meanwhile_does_not_take_dots_with_it() {
    let place = Place::new(Access::ReadWrite);
    std::fs::create_dir_all(place.inside("a/b")).unwrap();
    let (inside, outside) = (place.inside("a"), place.outside("a"));
    race(
        || {
            std::fs::rename(&inside, &outside).unwrap();
            std::fs::rename(&outside, &inside).unwrap();
        },
        || {
            // From `out/a/b` this would be `out/secret`.
            for path in [&b"a/b/../../secret"[..], b"a/../secret"] {
                assert!(place.folder.open(path, FOLLOW).is_err());
            }
        },
    );
}

#[test]
fn descriptors_are_used_and_closed_by_threads_at_once() {
    let place = Place::new(Access::ReadWrite);
    place.write("file", "text");
    let table = Table::default();
    let fd = table.add(place.folder.open(b"file", FOLLOW).unwrap()).unwrap();
    race(
        || {
            let _ = table.close(fd);
            assert_eq!(table.add(place.folder.open(b"file", FOLLOW).unwrap()), Ok(fd));
        },
        || {
            if let Ok(file) = table.get(fd) {
                let mut buffer = [0; 4];
                assert_eq!(file.read_at(&[bytes(&mut buffer)], 0), Ok(4));
                assert_eq!(&buffer, b"text");
            }
        },
    );
}
