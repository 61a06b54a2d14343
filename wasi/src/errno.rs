//! Error numbers of WASI, and which of them stands for an error of the system.

use std::io;

macro_rules! errnos {
    ($($name:ident = $number:literal $($system:ident)*),* $(,)?) => {
        /// An error number.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Errno {
            $($name = $number),*
        }

        impl Errno {
            /// The number for an error of the system; `Io` for those that WASI does not know.
            pub fn from_system(error: i32) -> Errno {
                match error {
                    $($(libc::$system => Errno::$name,)*)*
                    _ => Errno::Io,
                }
            }
        }
    };
}

errnos! {
    TooBig = 1 E2BIG,
    Access = 2 EACCES,
    AddressInUse = 3 EADDRINUSE,
    AddressNotAvailable = 4 EADDRNOTAVAIL,
    AddressFamilyNotSupported = 5 EAFNOSUPPORT,
    Again = 6 EAGAIN,
    Already = 7 EALREADY,
    BadDescriptor = 8 EBADF,
    BadMessage = 9 EBADMSG,
    Busy = 10 EBUSY,
    Canceled = 11 ECANCELED,
    Child = 12 ECHILD,
    ConnectionAborted = 13 ECONNABORTED,
    ConnectionRefused = 14 ECONNREFUSED,
    ConnectionReset = 15 ECONNRESET,
    Deadlock = 16 EDEADLK,
    DestinationRequired = 17 EDESTADDRREQ,
    Domain = 18 EDOM,
    Quota = 19 EDQUOT,
    Exists = 20 EEXIST,
    Fault = 21 EFAULT,
    FileTooBig = 22 EFBIG,
    HostUnreachable = 23 EHOSTUNREACH,
    IdentifierRemoved = 24 EIDRM,
    IllegalSequence = 25 EILSEQ,
    InProgress = 26 EINPROGRESS,
    Interrupted = 27 EINTR,
    Invalid = 28 EINVAL,
    Io = 29 EIO,
    IsConnected = 30 EISCONN,
    IsDirectory = 31 EISDIR,
    Loop = 32 ELOOP,
    ProcessFiles = 33 EMFILE,
    Links = 34 EMLINK,
    MessageSize = 35 EMSGSIZE,
    Multihop = 36 EMULTIHOP,
    NameTooLong = 37 ENAMETOOLONG,
    NetworkDown = 38 ENETDOWN,
    NetworkReset = 39 ENETRESET,
    NetworkUnreachable = 40 ENETUNREACH,
    SystemFiles = 41 ENFILE,
    NoBuffers = 42 ENOBUFS,
    NoDevice = 43 ENODEV,
    NoEntry = 44 ENOENT,
    NoExecutable = 45 ENOEXEC,
    NoLocks = 46 ENOLCK,
    NoLink = 47 ENOLINK,
    NoMemory = 48 ENOMEM,
    NoMessage = 49 ENOMSG,
    NoProtocolOption = 50 ENOPROTOOPT,
    NoSpace = 51 ENOSPC,
    NoSystemCall = 52 ENOSYS,
    NotConnected = 53 ENOTCONN,
    NotDirectory = 54 ENOTDIR,
    NotEmpty = 55 ENOTEMPTY,
    NotRecoverable = 56 ENOTRECOVERABLE,
    NotSocket = 57 ENOTSOCK,
    NotSupported = 58 ENOTSUP,
    NotTerminal = 59 ENOTTY,
    NoSuchDevice = 60 ENXIO,
    Overflow = 61 EOVERFLOW,
    OwnerDead = 62 EOWNERDEAD,
    NotPermitted = 63 EPERM,
    Pipe = 64 EPIPE,
    Protocol = 65 EPROTO,
    ProtocolNotSupported = 66 EPROTONOSUPPORT,
    ProtocolType = 67 EPROTOTYPE,
    Range = 68 ERANGE,
    ReadOnly = 69 EROFS,
    IllegalSeek = 70 ESPIPE,
    NoProcess = 71 ESRCH,
    Stale = 72 ESTALE,
    TimedOut = 73 ETIMEDOUT,
    TextBusy = 74 ETXTBSY,
    CrossDevice = 75 EXDEV,
    NotCapable = 76,
}

impl From<io::Error> for Errno {
    fn from(error: io::Error) -> Errno {
        match error.raw_os_error() {
            Some(number) => Errno::from_system(number),
            None => match error.kind() {
                io::ErrorKind::InvalidInput => Errno::Invalid,
                io::ErrorKind::OutOfMemory => Errno::NoMemory,
                io::ErrorKind::NotFound => Errno::NoEntry,
                // What leads out of a folder.
                io::ErrorKind::PermissionDenied => Errno::NotCapable,
                _ => Errno::Io,
            },
        }
    }
}

impl Errno {
    /// The number of the last system call that failed.
    pub fn last() -> Errno {
        io::Error::last_os_error().into()
    }
}

/// What allocations that a guest sizes fail with.
impl From<std::collections::TryReserveError> for Errno {
    fn from(_: std::collections::TryReserveError) -> Errno {
        Errno::NoMemory
    }
}
