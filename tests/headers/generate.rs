//! The headers, from the source of the libraries.
//!
//! cbindgen makes what it can from the Rust declarations: enums, vectors, opaque structs, callback types, functions
//! and their comments. What Rust cannot express (guards, macros, inline helpers, the union in `wasm_val_t`) is the
//! text of the `.h` files beside this one. The include guard is part of that text: cbindgen would close its own
//! before `#undef own`, so that a second inclusion undefined the program's.

use super::expand::PACKAGE;
use super::{groups, prototypes};
use cbindgen::{Config, DocumentationStyle, ItemType, Language, Style};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// The name and the parts of a header.
struct Header {
    top: String,
    end: &'static str,
    /// Types that no function mentions.
    more: &'static [&'static str],
    /// Names that cbindgen must not declare.
    foreign: BTreeSet<String>,
}

/// `wasm.h`.
pub fn wasm_h(source: &Source) -> String {
    let mut foreign = source.names("wasmrt_");
    foreign.extend(["wasm_val_t", "wasm_valkind_t"].map(String::from));
    source.header(Header {
        top: include_str!("wasm_top.h").into(),
        end: include_str!("wasm_end.h"),
        more: &[
            "wasm_byte_t",
            "wasm_name_t",
            "wasm_message_t",
            "wasm_mutability_t",
            "wasm_externkind_t",
            "wasm_mutability_enum",
            "wasm_valkind_enum",
            "wasm_externkind_enum",
            "wasm_foreign_t",
            "wasm_shared_module_t",
        ],
        foreign,
    })
}

/// `wasmrt.h`.
pub fn wasmrt_h(source: &Source) -> String {
    let mut foreign = source.names("wasm_");
    foreign.insert("wasmrt_val_t".into());
    source.header(Header {
        top: include_str!("wasmrt_top.h")
            .replace("@VERSION_NUMBER@", &version_number().to_string()),
        end: include_str!("wasmrt_end.h"),
        more: &[
            "wasmrt_option_enum",
            "wasmrt_bounds_enum",
            "wasmrt_compile_enum",
            "wasmrt_tier_enum",
            "wasmrt_serialize_enum",
            "wasmrt_job_state_enum",
            "wasmrt_event_kind_enum",
            "wasmrt_metered_enum",
            "wasmrt_profiler_enum",
            "wasmrt_profile_format_enum",
            "wasmrt_timeline_format_enum",
            "wasmrt_error_kind_enum",
            "wasmrt_phase_enum",
            "wasmrt_trap_code_enum",
            "wasmrt_valkind_enum",
            "wasmrt_level_enum",
            "wasmrt_limits_flag_enum",
        ],
        foreign,
    })
}

/// The files of `wasi/src/capi`, in the order of the header.
const WASI: [&str; 8] =
    ["wasi", "stdio", "files", "sources", "trace", "imports", "program", "error"];

/// `wasmrt_wasi.h`.
pub fn wasmrt_wasi_h() -> String {
    let source = Source::of_files("wasi", &WASI);
    let foreign = source.names("wasm").into_iter().filter(|name| !name.starts_with("wasmrt_wasi_"));
    source.header(Header {
        top: include_str!("wasmrt_wasi_top.h").into(),
        end: include_str!("wasmrt_wasi_end.h"),
        more: &["wasmrt_wasi_stream_enum", "wasmrt_wasi_access_enum"],
        foreign: foreign.collect(),
    })
}

/// `wasmrt_wat.h`.
pub fn wasmrt_wat_h() -> String {
    let source = Source::of_files("wat", &["wat"]);
    let foreign = source.names("wasm").into_iter().filter(|name| !name.starts_with("wasmrt_wat"));
    source.header(Header {
        top: include_str!("wasmrt_wat_top.h").into(),
        end: include_str!("wasmrt_wat_end.h"),
        more: &[],
        foreign: foreign.collect(),
    })
}

/// The package's version as the header has it.
pub fn version_number() -> u32 {
    let parts = env!("CARGO_PKG_VERSION").split('.');
    parts.fold(0, |number, part| number * 100 + part.parse::<u32>().unwrap_or(0))
}

/// The expanded source of `capi`.
pub struct Source {
    path: PathBuf,
    text: String,
}

impl Source {
    /// Keeps only what C can see of the expanded crate in the file.
    pub fn read(path: PathBuf) -> Source {
        let text = fs::read_to_string(&path).expect("the expanded source is readable");
        let start = text.find("\npub mod capi {").expect("the crate has a module for C");
        let length = text[start..].find("\n}\n").expect("the module ends") + 3;
        let text = text[start..start + length].to_owned();
        let path = path.with_file_name("capi.rs");
        fs::write(&path, &text).expect("the target directory is writable");
        Source { path, text }
    }

    /// The files for C of a companion library, which has no others. They need no expansion.
    fn of_files(library: &str, names: &[&str]) -> Source {
        let folder = Path::new(PACKAGE).join(library).join("src/capi");
        let files = fs::read_dir(&folder).expect("the folder is there").count();
        assert_eq!(files, names.len() + 1, "{} has files that are not listed", folder.display());
        let mut text = String::new();
        for name in names {
            let file = folder.join(name).with_extension("rs");
            let file = fs::read_to_string(file).expect("the source is readable");
            text.extend(
                file.lines().filter(|line| !line.starts_with("//!")).flat_map(|line| [line, "\n"]),
            );
        }
        let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{library}_capi.rs"));
        fs::write(&path, &text).expect("the target directory is writable");
        Source { path, text }
    }

    /// The identifiers that start with `prefix`.
    pub fn names(&self, prefix: &str) -> BTreeSet<String> {
        let words = self.text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_');
        words.filter(|word| word.starts_with(prefix)).map(String::from).collect()
    }

    /// The functions that the library exports.
    pub fn exports(&self) -> BTreeSet<String> {
        let after = self.text.split("#[unsafe(no_mangle)]").skip(1);
        let names = after.filter_map(|text| {
            let (name, _) = text.split_once("extern \"C\" fn ")?.1.split_once('(')?;
            Some(name.trim().to_owned())
        });
        // The macros that make functions are still there and say `$name`.
        names.filter(|name| !name.starts_with('$')).collect()
    }

    fn header(&self, header: Header) -> String {
        let mut config = Config {
            language: Language::C,
            cpp_compat: true,
            style: Style::Both,
            no_includes: true,
            usize_is_size_t: true,
            tab_width: 2,
            documentation_style: DocumentationStyle::Cxx,
            ..Config::default()
        };
        config.function.prefix = Some("WASM_API_EXTERN".into());
        config.export.include = header.more.iter().map(|name| (*name).into()).collect();
        config.export.exclude = header.foreign.into_iter().collect();
        config.export.item_types = vec![
            ItemType::Enums,
            ItemType::Structs,
            ItemType::Typedefs,
            ItemType::OpaqueItems,
            ItemType::Functions,
        ];
        let builder = cbindgen::Builder::new().with_config(config).with_src(&self.path);
        let bindings = builder.generate().expect("cbindgen understands the source");
        let mut text = Vec::new();
        bindings.write(&mut text);
        let text = String::from_utf8(text).expect("the header is UTF-8");
        let text = groups::arrange(&prototypes::tidy(&text));
        let whole = format!("{}\n{}\n{}\n", header.top, text, header.end.trim_end());
        whole.replace("\n\n\n", "\n\n")
    }
}
