//! Why a function of the library failed.

use super::names::taken_text;
use std::mem;
use wasmrt::capi::error::*;

/// The last error of this thread, taken from the library.
pub struct Error {
    /// What is wrong, without the place; missing imports have a line each.
    pub what: String,
    /// The function that it is about, with its name if it has one.
    pub function: Option<String>,
    /// In the bytes of the module.
    pub offset: Option<u64>,
    kind: u32,
}

impl Error {
    pub fn last() -> Error {
        let error = wasmrt_last_error();
        // SAFETY: a structure of numbers.
        let mut info: wasmrt_error_info_t = unsafe { mem::zeroed() };
        info.struct_size = size_of::<wasmrt_error_info_t>();
        // SAFETY: an error that belongs to us, or NULL; room for what is written.
        let message = unsafe {
            wasmrt_error_info(error, &mut info);
            let message = taken_text(|out| wasmrt_error_message(error, out));
            wasmrt_error_delete(error);
            message
        };
        let offset = (info.offset != u64::MAX).then_some(info.offset);
        let (what, function) = without_place(message, &info);
        Error { what, function, offset, kind: info.kind }
    }

    pub fn is(&self, kind: wasmrt_error_kind_enum) -> bool {
        self.kind == kind as u32
    }
}

/// Takes the place out of a message such as `invalid module: function 3 "main": type mismatch (at offset 0x2a)`,
/// and returns the function. A message that is not like that stays as it is.
fn without_place(message: String, info: &wasmrt_error_info_t) -> (String, Option<String>) {
    let end = format!(" (at offset {:#x})", info.offset);
    let message = message.strip_suffix(&end).unwrap_or(&message);
    let start = format!(": function {}", info.function);
    let parts = (info.function != u32::MAX).then(|| message.split_once(&start)).flatten();
    let Some((heading, (name, what))) =
        parts.and_then(|(heading, rest)| Some((heading, rest.split_once(": ")?)))
    else {
        return (message.to_owned(), None);
    };
    (format!("{heading}: {what}"), Some(format!("function {}{name}", info.function)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(message: &str, offset: u64, function: u32) -> (String, Option<String>) {
        let struct_size = size_of::<wasmrt_error_info_t>();
        let info = wasmrt_error_info_t { struct_size, kind: 2, phase: 2, offset, function };
        without_place(message.to_owned(), &info)
    }

    #[test]
    fn the_place_is_taken_out_of_a_message() {
        let message = "invalid module: function 3 \"main\": type mismatch (at offset 0x2a)";
        let function = Some("function 3 \"main\"".to_owned());
        assert_eq!(split(message, 0x2a, 3), ("invalid module: type mismatch".to_owned(), function));
        assert_eq!(split("invalid module: no", u64::MAX, u32::MAX).0, "invalid module: no");
    }
}
