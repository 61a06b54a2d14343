//! Ways out by paths and links.

use super::*;

/// Every call that takes a path must fail for it, and change nothing outside.
fn assert_no_way_out(place: &Place, path: &str) {
    let folder = &place.folder;
    let name = path.as_bytes();
    for lookup in [LookupFlags::NONE, LookupFlags::FOLLOW] {
        for open in [
            OpenFlags::NONE,
            OpenFlags::CREATE,
            OpenFlags::TRUNCATE,
            OpenFlags::CREATE.with(OpenFlags::EXCLUSIVE),
        ] {
            for base in [0, READ, READ_WRITE] {
                let how = OpenHow { lookup, open, base, ..FOLLOW };
                assert!(
                    folder.open(name, how).is_err(),
                    "open {path} {lookup:?} {open:?} {base:x}"
                );
            }
        }
        let how = OpenHow { lookup, open: OpenFlags::DIRECTORY, base: 0, ..FOLLOW };
        assert!(folder.open(name, how).is_err(), "open {path} as a folder");
    }
    let times = NewTimes::new(1, 1, TimeFlags::ACCESSED.with(TimeFlags::MODIFIED)).unwrap();
    assert!(folder.path_filestat(LookupFlags::FOLLOW, name).is_err(), "stat {path}");
    assert!(
        folder.path_set_times(LookupFlags::FOLLOW, name, &times).is_err(),
        "set times of {path}"
    );
    let beyond = format!("{path}/secret");
    assert!(folder.path_filestat(LookupFlags::NONE, beyond.as_bytes()).is_err(), "stat {beyond}");
    let made = format!("{path}/made");
    assert!(folder.open(made.as_bytes(), creating()).is_err(), "create {made}");
    assert!(folder.create_folder(made.as_bytes()).is_err(), "make folder {made}");
    assert!(folder.symlink(b"x", made.as_bytes()).is_err(), "make link {made}");
    assert!(folder.remove_file(beyond.as_bytes()).is_err(), "remove {beyond}");
    assert!(
        folder.remove_folder(format!("{path}/folder").as_bytes()).is_err(),
        "remove folder below {path}"
    );
    place.write("mine", "mine");
    assert!(folder.rename(b"mine", folder, made.as_bytes()).is_err(), "rename to {made}");
    assert!(folder.rename(beyond.as_bytes(), folder, b"stolen").is_err(), "rename {beyond}");
    assert!(
        folder.link(LookupFlags::NONE, beyond.as_bytes(), folder, b"stolen").is_err(),
        "link {beyond}"
    );
    assert!(
        folder.link(LookupFlags::NONE, b"mine", folder, made.as_bytes()).is_err(),
        "link to {made}"
    );
    assert!(!place.outside("made").exists() && !place.inside("stolen").exists());
    assert_eq!(std::fs::read_to_string(place.outside("secret")).unwrap(), "secret");
    assert!(place.outside("folder").is_dir());
}

fn place() -> Place {
    let place = Place::new(Access::ReadWrite);
    std::fs::create_dir(place.outside("folder")).unwrap();
    std::fs::create_dir(place.inside("sub")).unwrap();
    place
}

#[test]
fn dots_do_not_lead_out() {
    let place = place();
    for path in [
        "..",
        "../out",
        "../out/secret",
        "sub/../../out",
        "sub/./../..//out/secret",
        "../in/../out",
        "..//",
    ] {
        assert_no_way_out(&place, path);
    }
}

#[test]
fn absolute_paths_do_not_lead_out() {
    let place = place();
    let out = place.outside("").to_str().unwrap().to_owned();
    for path in [
        "/",
        "//",
        "/..",
        "/etc",
        "/proc/self/root",
        &out,
        &format!("/{out}"),
        &format!("{out}secret"),
    ] {
        assert_no_way_out(&place, path);
    }
}

#[test]
fn links_do_not_lead_out() {
    let place = place();
    place.link("../out", "relative");
    place.link(place.outside(""), "absolute");
    place.link("/", "root");
    place.link("relative", "twice");
    place.link("sub/../../out", "by-sub");
    place.link("../out/secret", "file");
    place.link(place.outside("not-there"), "dangling");
    place.link("..", "parent");
    for path in [
        "relative",
        "absolute",
        "twice",
        "by-sub",
        "parent",
        "root",
        "sub/../relative",
        "relative/",
        "absolute//",
    ] {
        for lookup in [LookupFlags::FOLLOW, LookupFlags::NONE] {
            let how = OpenHow { lookup, open: OpenFlags::DIRECTORY, base: 0, ..FOLLOW };
            assert!(place.folder.open(path.as_bytes(), how).is_err(), "{path}");
        }
        assert_no_way_out(&place, path);
    }
    for path in ["file", "dangling"] {
        assert_no_way_out(&place, path);
    }
    assert!(!place.outside("not-there").exists());
}

#[test]
fn dots_after_a_link_start_from_where_it_leads() {
    let place = place();
    std::fs::create_dir_all(place.inside("a/b")).unwrap();
    place.write("a/here", "a");
    place.link("a/b", "to-b");
    place.link("../out", "out");
    let found = place.folder.open(b"to-b/../here", FOLLOW).unwrap();
    assert_eq!(read_all(&found).unwrap(), "a");
    for path in ["to-b/../../../out", "out/..", "out/../out", "out/../in", "to-b/../../.."] {
        assert_no_way_out(&place, path);
    }
}

#[test]
fn links_of_proc_do_not_lead_out() {
    let folder = preopen(Path::new("/proc"), Access::ReadWrite);
    for path in [
        "self/root",
        "self/cwd",
        "self/root/etc/passwd",
        "self/fd/0",
        "thread-self/root",
        "self/exe",
    ] {
        let error = folder.open(path.as_bytes(), FOLLOW).err();
        assert!(
            matches!(error, Some(Errno::Loop | Errno::NotCapable | Errno::NoEntry)),
            "{path}: {error:?}"
        );
        assert!(folder.path_filestat(LookupFlags::FOLLOW, path.as_bytes()).is_err(), "{path}");
    }
}

#[test]
fn links_to_absolute_paths_cannot_be_made() {
    let place = place();
    for leads_to in ["/", "/etc/passwd", "//", "/../x"] {
        assert_eq!(place.folder.symlink(leads_to.as_bytes(), b"link"), Err(Errno::NotCapable));
    }
    place.folder.symlink(b"../out/secret", b"link").unwrap();
    assert_eq!(place.folder.read_link(b"link").unwrap(), b"../out/secret");
    assert_eq!(place.folder.open(b"link", FOLLOW).err(), Some(Errno::NotCapable));
}

#[test]
fn a_device_can_neither_be_linked_in_nor_opened_through_a_link() {
    let place = place();
    place.link("/dev/null", "device");
    assert_no_way_out(&place, "device");
    assert!(place.folder.link(LookupFlags::FOLLOW, b"device", &place.folder, b"hard").is_err());
    place.write("file", "");
    place.folder.link(LookupFlags::FOLLOW, b"file", &place.folder, b"same").unwrap();
    // The link itself can be linked, and leads nowhere just the same.
    place.folder.link(LookupFlags::NONE, b"device", &place.folder, b"hard").unwrap();
    assert!(place.folder.open(b"hard", FOLLOW).is_err());
}

#[test]
fn names_with_nul_are_refused_and_other_bytes_are_kept() {
    let place = place();
    place.write("a", "a");
    for path in [&b"a\0"[..], b"\0", b"a\0/../../out/secret"] {
        assert_eq!(place.folder.open(path, FOLLOW).err(), Some(Errno::Invalid));
        assert_eq!(place.folder.symlink(path, b"link").err(), Some(Errno::Invalid));
    }
    assert_eq!(place.folder.open(b"", FOLLOW).err(), Some(Errno::NoEntry));
    drop(place.folder.open(b"latin-\xe4", creating()).unwrap());
    let mut names = Vec::new();
    place
        .folder
        .list(0, |entry| {
            names.push(entry.name.to_vec());
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    assert!(names.contains(&b"latin-\xe4".to_vec()));
    place.folder.remove_file(b"latin-\xe4").unwrap();
}

#[test]
fn names_that_are_too_long_are_refused() {
    let place = place();
    for path in ["x".repeat(256), "x".repeat(5000), "x/".repeat(3000), "../".repeat(3000)] {
        let error = place.folder.open(path.as_bytes(), creating()).err();
        assert!(
            matches!(error, Some(Errno::NameTooLong | Errno::NoEntry | Errno::NotCapable)),
            "{error:?}"
        );
    }
}

#[test]
fn loops_of_links_end() {
    let place = place();
    place.link("b", "a");
    place.link("a", "b");
    place.link("self", "self");
    for path in ["a", "self", "self/x"] {
        assert_eq!(place.folder.open(path.as_bytes(), FOLLOW).err(), Some(Errno::Loop));
        assert_eq!(
            place.folder.path_filestat(LookupFlags::FOLLOW, path.as_bytes()).err(),
            Some(Errno::Loop)
        );
    }
}

#[test]
fn slashes_at_the_end_ask_for_a_folder() {
    let place = place();
    let folder = &place.folder;
    place.write("file", "");
    place.link("sub", "to-sub");
    assert_eq!(folder.open(b"file/", FOLLOW).err(), Some(Errno::NotDirectory));
    assert_eq!(folder.remove_file(b"file/"), Err(Errno::NotDirectory));
    assert_eq!(folder.remove_file(b"sub/"), Err(Errno::IsDirectory));
    assert_eq!(folder.remove_folder(b"file/"), Err(Errno::NotDirectory));
    assert_eq!(folder.remove_folder(b"to-sub/"), Err(Errno::NotDirectory));
    assert_eq!(folder.rename(b"file/", folder, b"new"), Err(Errno::NotDirectory));
    assert!(folder.open(b"new/", creating()).is_err());
    folder.create_folder(b"made/").unwrap();
    folder.rename(b"made/", folder, b"moved/").unwrap();
    folder.remove_folder(b"moved//").unwrap();
}
