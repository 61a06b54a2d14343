//! The manual page and shell completions, made from the command line that is parsed.

use crate::report::{Outcome, write_out};
use crate::{command_line, exit};
use clap::{Arg, ArgMatches, Command, value_parser};
use clap_complete::Shell;
use clap_mangen::Man;
use std::io;

pub fn completions_command() -> Command {
    Command::new("completions")
        .about("Print the completions for a shell")
        .arg(
            Arg::new("shell")
                .value_name("SHELL")
                .required(true)
                .value_parser(value_parser!(Shell))
                .help("The shell"),
        )
        .after_help("Packages install them. By hand, for bash: source <(wasmrt completions bash)")
}

pub fn completions(matches: &ArgMatches) -> Outcome {
    let shell = *matches.get_one::<Shell>("shell").expect("a required argument");
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut command_line::command(), "wasmrt", &mut text);
    write_out(&text)?;
    Ok(exit::SUCCESS)
}

/// One page for all commands: `man wasmrt`.
pub fn manual() -> Outcome {
    let mut command = command_line::command();
    command.build();
    let page = page(&command).map_err(|error| crate::report::Report::new(error.to_string()))?;
    write_out(&page)?;
    Ok(exit::SUCCESS)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    page.extend_from_slice(SYNOPSIS.as_bytes());
    man.render_description_section(&mut page)?;
    for command in command.get_subcommands().filter(|command| !command.is_hide_set()) {
        render_command(command, &mut page)?;
    }
    page.extend_from_slice(CLOSING.as_bytes());
    Ok(page)
}

/// A section with what a page of its own would have.
fn render_command(command: &Command, page: &mut Vec<u8>) -> io::Result<()> {
    let command = command.clone().mut_arg("help", |arg| arg.hide(true));
    let man = Man::new(command.clone().mut_arg("color", |arg| arg.hide(true)));
    let mut parts = Vec::new();
    man.render_synopsis_section(&mut parts)?;
    man.render_description_section(&mut parts)?;
    man.render_options_section(&mut parts)?;
    man.render_extra_section(&mut parts)?;
    let heading = format!(".SH \"WASMRT {}\"\n", command.get_name().to_uppercase());
    page.extend_from_slice(heading.as_bytes());
    let parts =
        String::from_utf8_lossy(&parts).replace(".SH EXTRA", ".SH NOTES").replace(".SH ", ".SS ");
    page.extend_from_slice(parts.as_bytes());
    Ok(())
}

const SYNOPSIS: &str = "\
.SH SYNOPSIS
.B wasmrt
[\\fB\\-\\-color\\fR \\fIWHEN\\fR] \\fICOMMAND\\fR
.br
.B wasmrt
\\fIFILE\\fR [\\fIARGUMENTS\\fR]...
";

const CLOSING: &str = "\
.SH EXIT STATUS
That of the program, if it ends by itself: what it passes to exit, or 0. Otherwise:
.TP
.B 1
A file cannot be read or written, a module is not valid, or imports are missing.
.TP
.B 2
The command line is wrong.
.TP
.B 124
The program was stopped by \\fB\\-\\-timeout\\fR or \\fB\\-\\-fuel\\fR.
.TP
.B 134
The program trapped: it divided by zero, left its memory, panicked, and so on.
.SH ENVIRONMENT
.TP
.B NO_COLOR
If it is set and not empty, nothing is coloured.
.SH EXAMPLES
Run a program that may use the folder data, with two arguments:
.PP
.RS 4
wasmrt run \\-\\-dir data app.wasm in.txt out.txt
.RE
.PP
Call one function of a module and print its results:
.PP
.RS 4
wasmrt run \\-\\-invoke add sum.wat 1 2
.RE
.PP
Compile once, and start at once from then on:
.PP
.RS 4
wasmrt compile app.wasm && wasmrt run app.cwasm
.RE
";
