//! Rights and flags of preview 1, with the numbers that guests use.
//!
//! They are sets of bits, so each is a newtype over an integer with the few operations that the file calls need. Bits that
//! preview 1 does not define are refused where a guest hands them in (`from_guest`), never stored.

/// A set of bits with named members, as guests pass it.
macro_rules! bits {
    ($(#[$doc:meta])* $name:ident: $int:ty { $($member:ident = $bit:expr,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct $name($int);

        #[allow(dead_code, reason = "each set needs some of these")]
        impl $name {
            $(pub const $member: Self = Self(1 << $bit);)*
            pub const NONE: Self = Self(0);
            pub const ALL: Self = Self(0 $(| 1 << $bit)*);

            /// The set that a guest names; nothing if it names a bit without a meaning.
            pub fn from_guest(bits: $int) -> Option<Self> {
                (bits & !Self::ALL.0 == 0).then_some(Self(bits))
            }

            pub const fn bits(self) -> $int {
                self.0
            }

            pub const fn with(self, other: Self) -> Self {
                Self(self.0 | other.0)
            }

            pub const fn and(self, other: Self) -> Self {
                Self(self.0 & other.0)
            }

            pub const fn without(self, other: Self) -> Self {
                Self(self.0 & !other.0)
            }

            pub const fn contains(self, other: Self) -> bool {
                self.0 & other.0 == other.0
            }

            pub const fn intersects(self, other: Self) -> bool {
                self.0 & other.0 != 0
            }
        }
    };
}

bits! {
    /// What may be done with a descriptor.
    Rights: u64 {
        FD_DATASYNC = 0,
        FD_READ = 1,
        FD_SEEK = 2,
        FD_FDSTAT_SET_FLAGS = 3,
        FD_SYNC = 4,
        FD_TELL = 5,
        FD_WRITE = 6,
        FD_ADVISE = 7,
        FD_ALLOCATE = 8,
        PATH_CREATE_DIRECTORY = 9,
        PATH_CREATE_FILE = 10,
        PATH_LINK_SOURCE = 11,
        PATH_LINK_TARGET = 12,
        PATH_OPEN = 13,
        FD_READDIR = 14,
        PATH_READLINK = 15,
        PATH_RENAME_SOURCE = 16,
        PATH_RENAME_TARGET = 17,
        PATH_FILESTAT_GET = 18,
        PATH_FILESTAT_SET_SIZE = 19,
        PATH_FILESTAT_SET_TIMES = 20,
        FD_FILESTAT_GET = 21,
        FD_FILESTAT_SET_SIZE = 22,
        FD_FILESTAT_SET_TIMES = 23,
        PATH_SYMLINK = 24,
        PATH_REMOVE_DIRECTORY = 25,
        PATH_UNLINK_FILE = 26,
        POLL_FD_READWRITE = 27,
        SOCK_SHUTDOWN = 28,
        SOCK_ACCEPT = 29,
    }
}

impl Rights {
    /// The rights that a guest asks for. Programs ask for everything by setting all bits, so unknown bits are dropped.
    pub fn wished(bits: u64) -> Self {
        Self(bits & Self::ALL.0)
    }

    /// What changes a file or a folder.
    pub const CHANGES: Self = Self::FD_WRITE
        .with(Self::FD_ALLOCATE)
        .with(Self::FD_FILESTAT_SET_SIZE)
        .with(Self::FD_FILESTAT_SET_TIMES)
        .with(Self::PATH_CREATE_DIRECTORY)
        .with(Self::PATH_CREATE_FILE)
        .with(Self::PATH_LINK_SOURCE)
        .with(Self::PATH_LINK_TARGET)
        .with(Self::PATH_RENAME_SOURCE)
        .with(Self::PATH_RENAME_TARGET)
        .with(Self::PATH_FILESTAT_SET_SIZE)
        .with(Self::PATH_FILESTAT_SET_TIMES)
        .with(Self::PATH_SYMLINK)
        .with(Self::PATH_REMOVE_DIRECTORY)
        .with(Self::PATH_UNLINK_FILE);

    /// What changes the contents or the times of a file.
    pub const FILE_CHANGES: Self = Self::FD_WRITE
        .with(Self::FD_ALLOCATE)
        .with(Self::FD_FILESTAT_SET_SIZE)
        .with(Self::FD_FILESTAT_SET_TIMES);

    /// What makes sense for a folder itself.
    pub const FOLDER: Self = Self::FD_FDSTAT_SET_FLAGS
        .with(Self::FD_SYNC)
        .with(Self::FD_ADVISE)
        .with(Self::PATH_CREATE_DIRECTORY)
        .with(Self::PATH_CREATE_FILE)
        .with(Self::PATH_LINK_SOURCE)
        .with(Self::PATH_LINK_TARGET)
        .with(Self::PATH_OPEN)
        .with(Self::FD_READDIR)
        .with(Self::PATH_READLINK)
        .with(Self::PATH_RENAME_SOURCE)
        .with(Self::PATH_RENAME_TARGET)
        .with(Self::PATH_FILESTAT_GET)
        .with(Self::PATH_FILESTAT_SET_SIZE)
        .with(Self::PATH_FILESTAT_SET_TIMES)
        .with(Self::FD_FILESTAT_GET)
        .with(Self::FD_FILESTAT_SET_TIMES)
        .with(Self::PATH_SYMLINK)
        .with(Self::PATH_REMOVE_DIRECTORY)
        .with(Self::PATH_UNLINK_FILE)
        .with(Self::POLL_FD_READWRITE);

    /// What makes sense for a regular file.
    pub const FILE: Self = Self::FD_DATASYNC
        .with(Self::FD_READ)
        .with(Self::FD_SEEK)
        .with(Self::FD_FDSTAT_SET_FLAGS)
        .with(Self::FD_SYNC)
        .with(Self::FD_TELL)
        .with(Self::FD_WRITE)
        .with(Self::FD_ADVISE)
        .with(Self::FD_ALLOCATE)
        .with(Self::FD_FILESTAT_GET)
        .with(Self::FD_FILESTAT_SET_SIZE)
        .with(Self::FD_FILESTAT_SET_TIMES)
        .with(Self::POLL_FD_READWRITE);

    /// What makes sense for terminals, pipes and devices. Without the right to seek a guest's C library takes a character
    /// device for a terminal.
    pub const STREAM: Self = Self::FD_READ
        .with(Self::FD_WRITE)
        .with(Self::FD_FDSTAT_SET_FLAGS)
        .with(Self::FD_FILESTAT_GET)
        .with(Self::POLL_FD_READWRITE);

    /// What makes sense for a connected socket.
    pub const SOCKET: Self = Self::STREAM.with(Self::SOCK_SHUTDOWN);

    /// What makes sense for a socket that listens.
    pub const LISTENER: Self = Self::SOCK_ACCEPT
        .with(Self::FD_FDSTAT_SET_FLAGS)
        .with(Self::FD_FILESTAT_GET)
        .with(Self::POLL_FD_READWRITE);
}

bits! {
    /// Flags of a descriptor (`fdflags`).
    FdFlags: u16 {
        APPEND = 0,
        DSYNC = 1,
        NONBLOCK = 2,
        RSYNC = 3,
        SYNC = 4,
    }
}

bits! {
    /// How `path_open` opens (`oflags`).
    OpenFlags: u16 {
        CREATE = 0,
        DIRECTORY = 1,
        EXCLUSIVE = 2,
        TRUNCATE = 3,
    }
}

bits! {
    /// How a path is looked up (`lookupflags`).
    LookupFlags: u32 {
        FOLLOW = 0,
    }
}

bits! {
    /// Which times are set, and to what (`fstflags`).
    TimeFlags: u16 {
        ACCESSED = 0,
        ACCESSED_NOW = 1,
        MODIFIED = 2,
        MODIFIED_NOW = 3,
    }
}

/// What a name leads to (`filetype`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum FileType {
    Unknown = 0,
    BlockDevice = 1,
    CharacterDevice = 2,
    Directory = 3,
    RegularFile = 4,
    SocketDatagram = 5,
    SocketStream = 6,
    SymbolicLink = 7,
}

/// From where `fd_seek` counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whence {
    Set,
    Current,
    End,
}
