//! Prototypes in the form that C programmers expect: without `struct` where there is a typedef, lines of at most a
//! hundred characters, and `own` where ownership changes.
//!
//! Rust's types do not say what changes hands, but the rule of the library makes it mechanical. A
//! result that is a pointer to something mutable is owned, unless the function is a view of its
//! argument. What is written to `out` is owned, what is deleted was, and constructors of types own
//! what they are built from, except limits.

const START: &str = "\nWASM_API_EXTERN";
const WIDTH: usize = 100;

/// Rewrites each prototype of a header.
pub fn tidy(header: &str) -> String {
    let mut tidied = String::new();
    let mut rest = header;
    while let Some(start) = rest.find(START) {
        let text = &rest[start + START.len()..];
        let Some((prototype, after)) = text.split_once(';') else { break };
        tidied.push_str(&rest[..start]);
        tidied.push_str(&layout(prototype));
        rest = after;
    }
    tidied + rest
}

fn layout(prototype: &str) -> String {
    let words = prototype.split_whitespace().filter(|word| *word != "struct");
    let text = words.collect::<Vec<_>>().join(" ").replace("(struct ", "(");
    let Some((head, parameters)) = text.split_once('(') else { return text };
    let parameters = parameters.strip_suffix(')').unwrap_or(parameters);
    let name = head.rsplit([' ', '*']).next().unwrap_or_default();
    let owned = if owns_result(head, name) { "own " } else { "" };
    let mut out = format!("\nWASM_API_EXTERN {owned}{head}(");
    let parameters = list(name, parameters);
    if last_line(&out) + parameters.iter().map(|p| p.len() + 2).sum::<usize>() > WIDTH {
        out.push_str("\n   ");
        for (i, parameter) in parameters.iter().enumerate() {
            if last_line(&out) + parameter.len() + 3 > WIDTH {
                out.push_str("\n   ");
            }
            let comma = if i + 1 < parameters.len() { "," } else { "" };
            out.push_str(&format!(" {parameter}{comma}"));
        }
    } else {
        out.push_str(&parameters.join(", "));
    }
    out + ");"
}

fn last_line(text: &str) -> usize {
    text.rsplit('\n').next().map_or(0, str::len)
}

/// The parameters, with their marks. A function pointer's own parameters hold no comma.
fn list(name: &str, parameters: &str) -> Vec<String> {
    let mark = |text: &str| {
        let owned = if owns_parameter(name, text) { "own " } else { "" };
        format!("{owned}{text}")
    };
    parameters.split(", ").map(mark).collect()
}

fn owns_result(head: &str, name: &str) -> bool {
    let view = name.contains("_as_") || name.ends_with("_host_info");
    let lent = [
        "wasm_memory_data",
        "wasm_frame_instance",
        "wasmrt_store_caller",
        "wasmrt_store_caller_bytes",
        "wasmrt_store_data",
        "wasmrt_memory_bytes",
    ]
    .contains(&name);
    head.contains('*') && !head.starts_with("const ") && !view && !lent
}

fn owns_parameter(name: &str, text: &str) -> bool {
    let constructor = name.ends_with("type_new") || name == "wasm_engine_new_with_config";
    let written = text.ends_with("_t *out")
        || text.ends_with("**trap")
        || text.ends_with("**tag")
        || [
            "wasm_name_t *name",
            "wasm_name_t *func",
            "wasm_name_t *file",
            "wasm_byte_vec_t *bytes",
            "wasm_message_t *error",
            "wasmrt_val_t *payload",
        ]
        .contains(&text);
    let consumed = constructor && text.contains('*') && !text.starts_with("const ")
        || name.ends_with("_vec_new") && text.ends_with("*data")
        || name.ends_with("_delete");
    written || consumed
}
