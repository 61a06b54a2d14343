//! `wasmrt inspect`: what a module consists of, imports and exports, as tables.

use crate::api::{EngineOptions, Mode, Module, Store};
use crate::input::{Form, Input};
use crate::report::{Outcome, Report, print};
use crate::sections::Sections;
use crate::serialized::Header;
use crate::settings::{engine, size, store};
use crate::table::Table;
use crate::terminal::{Paint, Stream, Style};
use crate::{exit, options};
use clap::{Arg, ArgAction, ArgMatches, Command};
use std::ops::Range;
use std::path::PathBuf;

/// Parts of the output, each with an option that asks for it.
const PARTS: &[(&str, &str)] = &[
    ("sections", "Print only the sections"),
    ("imports", "Print only the imports"),
    ("exports", "Print only the exports"),
    ("functions", "Print the functions and their sizes, the largest first"),
];

pub fn command() -> Command {
    let parts = PARTS
        .iter()
        .map(|(name, help)| Arg::new(*name).long(*name).action(ArgAction::SetTrue).help(*help));
    Command::new("inspect")
        .about("Show sections, imports and exports of a module")
        .arg(options::file())
        .args(parts)
}

pub fn run(matches: &ArgMatches) -> Outcome {
    let input = Input::read(matches.get_one::<PathBuf>("file").expect("a required argument"))?;
    // Nothing is compiled.
    let options = EngineOptions {
        workers: Some(0),
        mode: Some(Mode::WASMRT_COMPILE_LAZY_BASELINE),
        ..EngineOptions::default()
    };
    let engine = engine(&options)?;
    let store: Store = store(&engine)?;
    let module = input.load(&store).map_err(|report| describe_other_build(report, &input))?;
    let asked = |part: &str| matches.get_flag(part);
    let all = !PARTS.iter().any(|(part, _)| asked(part));
    let paint = Stream::Out.paint();
    let mut parts = Vec::new();
    if all {
        parts.push(summary(&input, &module, paint));
    }
    if all && let Some(header) = Header::of(&input.bytes).filter(|_| input.form == Form::Serialized)
    {
        parts.push(titled("Code", &code_table(&header), paint));
    }
    if all || asked("sections") || asked("functions") {
        let sections = Sections::of(input.binary());
        let sections = sections.map_err(|error| Report::new(error.message()))?;
        if all || asked("sections") {
            parts.push(titled("Sections", &section_table(&sections), paint));
        }
        if asked("functions") {
            parts.push(titled("Functions", &function_table(&sections, &module), paint));
        }
    }
    if all || asked("imports") {
        parts.push(titled("Imports", &import_table(&module), paint));
    }
    if all || asked("exports") {
        parts.push(titled("Exports", &export_table(&module), paint));
    }
    print(parts.join("\n"))?;
    Ok(exit::SUCCESS)
}

fn summary(input: &Input, module: &Module, paint: Paint) -> String {
    let form = match input.form {
        Form::Binary => "module",
        Form::Text => "module, assembled from text",
        Form::Serialized => "compiled module",
    };
    let name = match module.name().as_str() {
        "" => String::new(),
        name => format!(", named \"{}\"", name.escape_debug()),
    };
    let file = paint.with(Style::Strong, input.name());
    let mut text = format!("{file}: {form}, {}{name}\n", size(input.bytes.len() as u64));
    if let Some(header) = Header::of(&input.bytes).filter(|_| input.form == Form::Serialized) {
        let sealed = if header.sealed { ", sealed with a key" } else { "" };
        text += &format!("made by {}, format {}{sealed}\n", header.build, header.format);
    }
    text
}

/// A compiled module that cannot be loaded here: at least, what made it.
fn describe_other_build(report: Report, input: &Input) -> Report {
    match Header::of(&input.bytes).filter(|_| input.form == Form::Serialized) {
        Some(header) => report.note(format!("it was made by {}", header.build)),
        None => report,
    }
}

fn code_table(header: &Header) -> Table {
    let mut table =
        Table::new(&["bounds checks", "traps by", "metered", "code is", "functions", "bytes"]);
    table = table.right(4).right(5);
    for set in &header.sets {
        table.row([
            set.bounds().into(),
            set.traps().into(),
            set.metering().into(),
            set.form().into(),
            set.parts.to_string(),
            set.code_bytes.to_string(),
        ]);
    }
    table
}

fn titled(title: &str, table: &Table, paint: Paint) -> String {
    let title = paint.with(Style::Strong, title);
    if table.is_empty() {
        return format!("{title}: none\n");
    }
    format!("{title}\n{}", table.text(paint))
}

fn length(range: &Range<u64>) -> u64 {
    range.end - range.start
}

fn section_table(sections: &Sections) -> Table {
    let mut table = Table::new(&["section", "offset", "bytes", "items"]).right(1).right(2).right(3);
    for section in &sections.list {
        table.row([
            section.name.clone(),
            format!("0x{:x}", section.range.start),
            length(&section.range).to_string(),
            section.count.map_or_else(String::new, |count| count.to_string()),
        ]);
    }
    table
}

fn function_table(sections: &Sections, module: &Module) -> Table {
    let mut table =
        Table::new(&["bytes", "offset", "index", "function"]).right(0).right(1).right(2);
    let mut bodies: Vec<_> = (sections.imported..).zip(&sections.bodies).collect();
    bodies.sort_by_key(|(_, body)| std::cmp::Reverse(length(body)));
    for (index, body) in bodies {
        table.row([
            length(body).to_string(),
            format!("0x{:x}", body.start),
            index.to_string(),
            module.func_name(index),
        ]);
    }
    table
}

fn import_table(module: &Module) -> Table {
    let mut table = Table::new(&["module", "name", "kind", "type"]);
    for import in module.imports() {
        table.row([
            quoted(&import.module),
            quoted(&import.name),
            import.ty.kind().into(),
            import.ty.to_string(),
        ]);
    }
    table
}

fn export_table(module: &Module) -> Table {
    let mut table = Table::new(&["name", "kind", "type"]);
    for export in module.exports() {
        table.row([quoted(&export.name), export.ty.kind().into(), export.ty.to_string()]);
    }
    table
}

/// A name as it is, unless something in it could be misread.
fn quoted(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_graphic() && c != '"');
    if is_plain { name.to_owned() } else { format!("\"{}\"", name.escape_debug()) }
}
