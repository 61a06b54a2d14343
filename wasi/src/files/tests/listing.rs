//! Listing folders.

use super::*;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

/// Names and cookies from a cookie on, at most `most`.
fn list(folder: &Descriptor, cookie: u64, most: usize) -> Result<Vec<(String, u64)>> {
    let mut found = Vec::new();
    folder.list(cookie, |entry| {
        found.push((String::from_utf8_lossy(entry.name).into_owned(), entry.next));
        if found.len() < most { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    })?;
    Ok(found)
}

#[test]
fn listing_goes_on_where_it_stopped() {
    let place = Place::new(Access::Read);
    for i in 0..500 {
        place.write(&format!("file-with-a-longer-name-{i}"), "");
    }
    for step in [1, 7, 1000] {
        let mut names = BTreeSet::new();
        let mut cookie = 0;
        loop {
            let found = list(&place.folder, cookie, step).unwrap();
            let Some((_, next)) = found.last() else { break };
            cookie = *next;
            for (name, _) in found {
                assert!(names.insert(name), "every name once");
            }
        }
        assert_eq!(names.len(), 502, "with . and ..");
    }
}

#[test]
fn removing_while_listing_skips_nothing() {
    let place = Place::new(Access::ReadWrite);
    for i in 0..300 {
        place.write(&format!("{i}"), "");
    }
    let mut cookie = 0;
    while let Some((name, next)) = list(&place.folder, cookie, 1).unwrap().pop() {
        cookie = next;
        if name != "." && name != ".." {
            place.folder.remove_file(name.as_bytes()).unwrap();
        }
    }
    assert_eq!(list(&place.folder, 0, 1000).unwrap().len(), 2);
}

#[test]
fn made_up_cookies_are_harmless() {
    let place = Place::new(Access::Read);
    place.write("file", "");
    assert_eq!(list(&place.folder, u64::MAX, 10).err(), Some(Errno::Invalid));
    assert_eq!(list(&place.folder, 1 << 63, 10).err(), Some(Errno::Invalid));
    for cookie in [1, 2, 3, 99, u64::from(u32::MAX), 1 << 40, i64::MAX as u64] {
        if let Ok(found) = list(&place.folder, cookie, 10) {
            assert!(found.len() <= 3);
        }
    }
    assert_eq!(list(&place.folder, 0, 10).unwrap().len(), 3);
}
