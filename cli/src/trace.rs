//! `--trace`: a line on standard error for every call into and out of the program, as `strace` does for system calls.
//!
//! ```text
//! call: _start()
//! path_open(3, 0x1, "in.txt", 0x0, 0x2, 0x0, 0x0) = 5
//! fd_write(1, "Hello, world\n") = 13
//! path_open(3, 0x1, "none", 0x0, 0x2, 0x0, 0x0) = ENOENT
//! ```
//!
//! A pointer to a result is not shown, but what is there after a call that succeeded.

use crate::api::Value;
use crate::terminal::{Stream, Style};
use std::io::{self, Write};

/// Access to the memory of the program: so many bytes from an address, if they are there.
pub type Read<'a> = &'a dyn Fn(u64, u64) -> Option<Vec<u8>>;

/// A letter for each parameter of a function:
///
/// - `n` an unsigned and `i` a signed number, `x` flags, `p` an address of something else
/// - `s` a text: address and length
/// - `w` what is written: address and number of vectors; `r` the same, for what is read
/// - `o` the address of a result of 4 bytes, `q` of 8 bytes
const SHAPES: &[(&str, &str)] = &[
    ("args_get", "pp"),
    ("args_sizes_get", "oo"),
    ("environ_get", "pp"),
    ("environ_sizes_get", "oo"),
    ("clock_res_get", "nq"),
    ("clock_time_get", "nnq"),
    ("fd_advise", "nnnn"),
    ("fd_allocate", "nnn"),
    ("fd_close", "n"),
    ("fd_datasync", "n"),
    ("fd_fdstat_get", "np"),
    ("fd_fdstat_set_flags", "nx"),
    ("fd_fdstat_set_rights", "nxx"),
    ("fd_filestat_get", "np"),
    ("fd_filestat_set_size", "nn"),
    ("fd_filestat_set_times", "nnnx"),
    ("fd_pread", "nrno"),
    ("fd_prestat_get", "np"),
    ("fd_prestat_dir_name", "ns"),
    ("fd_pwrite", "nwno"),
    ("fd_read", "nro"),
    ("fd_readdir", "npnno"),
    ("fd_renumber", "nn"),
    ("fd_seek", "ninq"),
    ("fd_sync", "n"),
    ("fd_tell", "nq"),
    ("fd_write", "nwo"),
    ("path_create_directory", "ns"),
    ("path_filestat_get", "nxsp"),
    ("path_filestat_set_times", "nxsnnx"),
    ("path_link", "nxsns"),
    ("path_open", "nxsxxxxo"),
    ("path_readlink", "nspno"),
    ("path_remove_directory", "ns"),
    ("path_rename", "nsns"),
    ("path_symlink", "sns"),
    ("path_unlink_file", "ns"),
    ("poll_oneoff", "ppno"),
    ("proc_exit", "n"),
    ("proc_raise", "n"),
    ("random_get", "pn"),
    ("sched_yield", ""),
    ("sock_accept", "nxo"),
    ("sock_recv", "nrxoo"),
    ("sock_send", "nwxo"),
    ("sock_shutdown", "nx"),
];

/// The names of error numbers, from 1 on.
const ERRORS: &str = "E2BIG EACCES EADDRINUSE EADDRNOTAVAIL EAFNOSUPPORT EAGAIN EALREADY EBADF EBADMSG EBUSY ECANCELED \
    ECHILD ECONNABORTED ECONNREFUSED ECONNRESET EDEADLK EDESTADDRREQ EDOM EDQUOT EEXIST EFAULT EFBIG EHOSTUNREACH EIDRM \
    EILSEQ EINPROGRESS EINTR EINVAL EIO EISCONN EISDIR ELOOP EMFILE EMLINK EMSGSIZE EMULTIHOP ENAMETOOLONG ENETDOWN \
    ENETRESET ENETUNREACH ENFILE ENOBUFS ENODEV ENOENT ENOEXEC ENOLCK ENOLINK ENOMEM ENOMSG ENOPROTOOPT ENOSPC ENOSYS \
    ENOTCONN ENOTDIR ENOTEMPTY ENOTRECOVERABLE ENOTSOCK ENOTSUP ENOTTY ENXIO EOVERFLOW EOWNERDEAD EPERM EPIPE EPROTO \
    EPROTONOSUPPORT EPROTOTYPE ERANGE EROFS ESPIPE ESRCH ESTALE ETIMEDOUT ETXTBSY EXDEV ENOTCAPABLE";

/// How much of a text or of what is written is shown.
const SHOWN: usize = 48;

/// Prints a call to WASI.
pub fn print(name: &str, args: &[u64], result: i32, read: Read) {
    line("wasi", &call(name, args, read), &outcome(name, args, result, read));
}

/// Prints that an export is called.
pub fn called(name: &str, args: &[Value]) {
    line("call", &format!("{name}({})", listed(args)), "");
}

/// Prints what an export has returned.
pub fn returned(name: &str, results: &[Value]) {
    let results = listed(results);
    let equals = if results.is_empty() { "" } else { " = " };
    line("done", name, &format!("{equals}{results}"));
}

/// Prints that an import is called which is missing.
pub fn imported(name: &str, args: &[Value]) {
    line("host", &format!("{name}({})", listed(args)), "");
}

fn listed(values: &[Value]) -> String {
    values.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")
}

fn line(label: &str, call: &str, result: &str) {
    let paint = Stream::Err.paint();
    let label = paint.with(Style::Dim, format!("{label}: "));
    let line = format!("{label}{call}{}\n", paint.with(Style::Strong, result));
    // There is nobody else to tell.
    let _ = io::stderr().write_all(line.as_bytes());
}

fn shape(name: &str) -> &'static str {
    SHAPES.iter().find(|(known, _)| *known == name).map_or("xxxxxxxxx", |(_, shape)| shape)
}

/// Each parameter with its arguments.
fn parameters<'a>(name: &str, args: &'a [u64]) -> impl Iterator<Item = (char, u64, u64)> + 'a {
    let mut args = args.iter().copied();
    shape(name).chars().map_while(move |letter| {
        let first = args.next()?;
        let second = if "swr".contains(letter) { args.next()? } else { 0 };
        Some((letter, first, second))
    })
}

fn call(name: &str, args: &[u64], read: Read) -> String {
    let shown = parameters(name, args).filter_map(|(letter, first, second)| match letter {
        'n' => Some(first.to_string()),
        'i' => Some((first as i64).to_string()),
        's' => Some(text(first, second, read)),
        'w' => Some(written(first, second, read)),
        'r' => Some(format!("{} bytes", capacity(first, second, read))),
        'o' | 'q' => None,
        _ => Some(format!("{first:#x}")),
    });
    format!("{name}({})", shown.collect::<Vec<_>>().join(", "))
}

fn outcome(name: &str, args: &[u64], result: i32, read: Read) -> String {
    match result {
        0 => {
            let results: Vec<String> = parameters(name, args)
                .filter_map(|(letter, address, _)| match letter {
                    'o' => number(address, 4, read),
                    'q' => number(address, 8, read),
                    _ => None,
                })
                .collect();
            if results.is_empty() { " = 0".into() } else { format!(" = {}", results.join(", ")) }
        }
        1.. => {
            let error = ERRORS.split(' ').nth(result as usize - 1);
            error.map_or_else(|| format!(" = error {result}"), |error| format!(" = {error}"))
        }
        _ => String::new(),
    }
}

fn number(address: u64, size: u64, read: Read) -> Option<String> {
    let mut bytes = read(address, size)?;
    bytes.resize(8, 0);
    Some(u64::from_le_bytes(bytes.try_into().ok()?).to_string())
}

fn text(address: u64, length: u64, read: Read) -> String {
    let shown = read(address, length.min(SHOWN as u64));
    shown.map_or_else(|| format!("{address:#x}"), |bytes| quoted(&bytes, length))
}

fn quoted(bytes: &[u8], length: u64) -> String {
    let more = if length > bytes.len() as u64 { "..." } else { "" };
    format!("\"{}\"{more}", bytes.escape_ascii())
}

/// Address and length of each vector.
fn vectors(address: u64, count: u64, read: Read) -> Vec<(u64, u64)> {
    let word = |bytes: &[u8]| u64::from(u32::from_le_bytes(bytes.try_into().unwrap_or_default()));
    // As many as a call may have.
    let bytes = read(address, count.min(1024) * 8).unwrap_or_default();
    bytes.chunks_exact(8).map(|vector| (word(&vector[..4]), word(&vector[4..]))).collect()
}

fn capacity(address: u64, count: u64, read: Read) -> u64 {
    vectors(address, count, read).iter().map(|(_, length)| length).sum()
}

/// The beginning of what several vectors contain.
fn written(address: u64, count: u64, read: Read) -> String {
    let mut bytes = Vec::new();
    for (address, length) in vectors(address, count, read) {
        let missing = (SHOWN - bytes.len()) as u64;
        bytes.extend(read(address, length.min(missing)).unwrap_or_default());
    }
    quoted(&bytes, capacity(address, count, read))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_and_results_are_shown_as_their_kinds() {
        let mut memory = vec![0; 256];
        memory[..8].copy_from_slice(&[16, 0, 0, 0, 3, 0, 0, 0]);
        memory[16..19].copy_from_slice(b"ab\n");
        memory[32] = 3;
        let read = |address: u64, size: u64| {
            memory.get(address as usize..(address + size) as usize).map(<[u8]>::to_vec)
        };
        let line = |name, args: &[u64], result| {
            call(name, args, &read) + &outcome(name, args, result, &read)
        };
        assert_eq!(line("fd_write", &[1, 0, 1, 32], 0), "fd_write(1, \"ab\\n\") = 3");
        assert_eq!(line("fd_read", &[0, 0, 1, 32], 8), "fd_read(0, 3 bytes) = EBADF");
        assert_eq!(line("fd_write", &[1, 1000, 1, 32], 21), "fd_write(1, \"\") = EFAULT");
        assert_eq!(
            line("path_unlink_file", &[3, 16, 2], 44),
            "path_unlink_file(3, \"ab\") = ENOENT"
        );
        assert_eq!(line("fd_seek", &[4, u64::MAX, 1, 32], 0), "fd_seek(4, -1, 1) = 3");
        assert_eq!(line("proc_exit", &[7], -1), "proc_exit(7)");
        assert_eq!(
            line("path_link", &[3, 0, 999, 2, 4, 16, 2], 76),
            "path_link(3, 0x0, 0x3e7, 4, \"ab\") = ENOTCAPABLE"
        );
    }
}
