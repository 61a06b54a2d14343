//! What a guest may do with what it has.

use super::*;

#[test]
fn a_read_only_folder_cannot_be_changed() {
    let place = Place::new(Access::Read);
    let folder = &place.folder;
    place.write("file", "text");
    std::fs::create_dir(place.inside("sub")).unwrap();
    let times = NewTimes::new(1, 1, TimeFlags::MODIFIED).unwrap();
    for open in
        [OpenFlags::CREATE, OpenFlags::TRUNCATE, OpenFlags::CREATE.with(OpenFlags::TRUNCATE)]
    {
        for base in [0, READ] {
            assert_eq!(
                folder.open(b"file", OpenHow { open, base, ..FOLLOW }).err(),
                Some(Errno::NotCapable)
            );
        }
    }
    assert_eq!(
        folder.open(b"file", OpenHow { base: READ_WRITE, ..FOLLOW }).err(),
        Some(Errno::NotCapable)
    );
    assert_eq!(folder.path_set_times(LookupFlags::FOLLOW, b"file", &times), Err(Errno::NotCapable));
    assert_eq!(folder.create_folder(b"made"), Err(Errno::NotCapable));
    assert_eq!(folder.remove_folder(b"sub"), Err(Errno::NotCapable));
    assert_eq!(folder.remove_file(b"file"), Err(Errno::NotCapable));
    assert_eq!(folder.symlink(b"file", b"link"), Err(Errno::NotCapable));
    assert_eq!(folder.link(LookupFlags::NONE, b"file", folder, b"link"), Err(Errno::NotCapable));
    assert_eq!(folder.rename(b"file", folder, b"new"), Err(Errno::NotCapable));
    assert_eq!(folder.set_times(&times), Err(Errno::NotCapable));

    let wishes_all = OpenHow { base: !Rights::FD_WRITE.bits(), ..FOLLOW };
    for how in [FOLLOW, wishes_all] {
        let file = folder.open(b"file", how).unwrap();
        assert_eq!(read_all(&file).unwrap(), "text");
        assert_eq!(write_all(&file, "x"), Err(Errno::NotCapable));
        assert_eq!(file.write_at(&[bytes(&mut [0])], 0), Err(Errno::NotCapable));
        assert_eq!(file.set_size(0), Err(Errno::NotCapable));
        assert_eq!(file.set_times(&times), Err(Errno::NotCapable));
        assert_eq!(file.allocate(0, 100), Err(Errno::NotCapable));
    }
    assert_eq!(std::fs::read_to_string(place.inside("file")).unwrap(), "text");
}

#[test]
fn folders_below_a_read_only_one_are_read_only() {
    let place = Place::new(Access::Read);
    std::fs::create_dir(place.inside("sub")).unwrap();
    place.write("sub/file", "text");
    let how = OpenHow { open: OpenFlags::DIRECTORY, base: !Rights::FD_WRITE.bits(), ..FOLLOW };
    let sub = place.folder.open(b"sub", how).unwrap();
    assert_eq!(sub.remove_file(b"file"), Err(Errno::NotCapable));
    assert_eq!(
        sub.open(b"file", OpenHow { open: OpenFlags::TRUNCATE, ..FOLLOW }).err(),
        Some(Errno::NotCapable)
    );
    assert!(sub.open(b"file", FOLLOW).is_ok());
}

#[test]
fn a_file_of_a_read_only_folder_does_not_become_writable_in_another() {
    let read = Place::new(Access::Read);
    let write = Place::new(Access::ReadWrite);
    read.write("file", "text");
    write.write("mine", "mine");
    assert_eq!(
        read.folder.link(LookupFlags::NONE, b"file", &write.folder, b"link"),
        Err(Errno::NotCapable)
    );
    assert_eq!(read.folder.rename(b"file", &write.folder, b"moved"), Err(Errno::NotCapable));
    assert_eq!(write.folder.rename(b"mine", &read.folder, b"file"), Err(Errno::NotCapable));

    // Nor if the folder may be changed but its files may not.
    let mixed = preopen(&write.inside(""), Access::ReadWrite);
    mixed
        .set_rights(
            mixed.fdstat().base.bits(),
            mixed.fdstat().inheriting.without(Rights::FILE_CHANGES).bits(),
        )
        .unwrap();
    assert_eq!(
        mixed.link(LookupFlags::NONE, b"mine", &write.folder, b"link"),
        Err(Errno::NotCapable)
    );
    assert_eq!(mixed.rename(b"mine", &write.folder, b"link"), Err(Errno::NotCapable));
    mixed.rename(b"mine", &mixed, b"yours").unwrap();
}

#[test]
fn rights_never_come_back() {
    let place = Place::new(Access::ReadWrite);
    let file = place.folder.open(b"file", creating()).unwrap();
    let all = file.fdstat();
    file.set_rights(all.base.without(Rights::FD_WRITE).bits(), 0).unwrap();
    assert_eq!(write_all(&file, "x"), Err(Errno::NotCapable));
    assert_eq!(file.set_rights(all.base.bits(), 0), Err(Errno::NotCapable));
    assert_eq!(file.set_rights(u64::MAX, u64::MAX), Err(Errno::NotCapable));
}

#[test]
fn a_folder_says_that_it_is_one() {
    let place = Place::new(Access::ReadWrite);
    let folder = &place.folder;
    assert_eq!(read_all(folder), Err(Errno::IsDirectory));
    assert_eq!(write_all(folder, "x"), Err(Errno::IsDirectory));
    assert_eq!(folder.read_at(&[], 0), Err(Errno::IsDirectory));
    assert_eq!(folder.seek(0, Whence::Set), Err(Errno::IsDirectory));
    assert_eq!(folder.tell(), Err(Errno::IsDirectory));
    assert_eq!(folder.set_size(0), Err(Errno::IsDirectory));
    let how = OpenHow { open: OpenFlags::DIRECTORY, base: READ_WRITE, ..FOLLOW };
    assert_eq!(folder.open(b".", how).err(), Some(Errno::IsDirectory));
    let file = folder.open(b"file", creating()).unwrap();
    assert_eq!(file.open(b"x", FOLLOW).err(), Some(Errno::NotDirectory));
    assert_eq!(file.list(0, |_| std::ops::ControlFlow::Continue(())), Err(Errno::NotDirectory));
}

#[test]
fn sizes_and_offsets_that_the_system_cannot_count_are_errors() {
    let place = Place::new(Access::ReadWrite);
    let file = place.folder.open(b"file", creating()).unwrap();
    assert_eq!(file.set_size(u64::MAX), Err(Errno::FileTooBig));
    assert_eq!(file.allocate(0, u64::MAX), Err(Errno::FileTooBig));
    assert!(file.allocate(i64::MAX as u64, i64::MAX as u64).is_err());
    assert_eq!(file.read_at(&[], u64::MAX), Err(Errno::Invalid));
    assert_eq!(file.write_at(&[], 1 << 63), Err(Errno::Invalid));
    assert_eq!(file.seek(i64::MIN, Whence::Set), Err(Errno::Invalid));
    assert_eq!(file.seek(-1, Whence::Current), Err(Errno::Invalid));
    assert_eq!(file.advise(u64::MAX, 1, Advice::Normal), Err(Errno::FileTooBig));
    assert_eq!(file.filestat().unwrap().size, 0);
}

#[test]
fn appending_can_be_switched_on_and_off() {
    let place = Place::new(Access::ReadWrite);
    let how = OpenHow { flags: FdFlags::APPEND, ..creating() };
    let file = place.folder.open(b"file", how).unwrap();
    write_all(&file, "ab").unwrap();
    file.seek(0, Whence::Set).unwrap();
    write_all(&file, "cd").unwrap();
    assert_eq!(file.tell(), Ok(4));
    file.set_flags(FdFlags::NONBLOCK).unwrap();
    assert_eq!(file.fdstat().flags, FdFlags::NONBLOCK);
    file.seek(0, Whence::Set).unwrap();
    write_all(&file, "x").unwrap();
    assert_eq!(std::fs::read_to_string(place.inside("file")).unwrap(), "xbcd");
    assert_eq!(file.set_flags(FdFlags::SYNC), Err(Errno::NotSupported));
}

#[test]
fn a_descriptor_moved_onto_another_takes_its_place_and_the_other_is_closed() {
    let place = Place::new(Access::ReadWrite);
    place.write("a", "a");
    let mut table = Table::default();
    table.put(3, preopen(&place.inside(""), Access::ReadWrite)).unwrap();
    let a = table.add(place.folder.open(b"a", FOLLOW).unwrap()).unwrap();
    assert_eq!(a, 0);
    let reading = table.get(3).unwrap();
    table.renumber(a, 3).unwrap();
    assert_eq!(table.get(a).err(), Some(Errno::BadDescriptor));
    // The new one is no preopened folder, and a call that still runs has the old one.
    assert_eq!(table.get(3).unwrap().preopen_name(), None);
    assert_eq!(read_all(&table.get(3).unwrap()).unwrap(), "a");
    assert_eq!(reading.preopen_name(), Some(&b"/"[..]));
    for (from, to) in [(0, 3), (3, 0), (3, 99), (99, 3), (3, u32::MAX), (u32::MAX, u32::MAX)] {
        assert_eq!(table.renumber(from, to), Err(Errno::BadDescriptor));
    }
    assert!(table.renumber(3, 3).is_ok() && table.get(3).is_ok());
}

#[test]
fn a_guest_cannot_use_up_the_descriptors_of_the_host() {
    let place = Place::new(Access::ReadWrite);
    let mut table = Table::new(20);
    let open = || place.folder.open(b".", FOLLOW).unwrap();
    for i in 0..20 {
        assert_eq!(table.add(open()), Ok(i));
    }
    assert_eq!(table.add(open()), Err(Errno::ProcessFiles));
    assert_eq!(table.put(20, open()), Err(Errno::ProcessFiles));
    assert_eq!(table.put(u32::MAX, open()), Err(Errno::ProcessFiles));
    table.close(7).unwrap();
    assert_eq!(table.close(7), Err(Errno::BadDescriptor));
    assert_eq!(table.add(open()), Ok(7));
}
