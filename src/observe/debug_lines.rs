//! Lines of the source in DWARF's words, for debuggers (`.debug_line`, with the unit that refers to it).

use super::lines::Lines;
use std::io;
use std::ops::Range;

/// One kind of entry, a unit: lines, start, size, name.
pub(super) const ABBREVIATIONS: [u8; 14] =
    [1, 0x11, 0, 0x10, 0x17, 0x11, 0x01, 0x12, 0x07, 0x03, 0x08, 0, 0, 0];

/// The unit for code in a range.
pub(super) fn unit(code: &Range<usize>) -> Vec<u8> {
    let mut unit = Vec::with_capacity(48);
    unit.extend_from_slice(&[4, 0, 0, 0, 0, 0, 8]); // version, abbreviations, size of addresses
    unit.push(1);
    unit.extend_from_slice(&0u32.to_le_bytes());
    unit.extend_from_slice(&(code.start as u64).to_le_bytes());
    unit.extend_from_slice(&(code.len() as u64).to_le_bytes());
    unit.extend_from_slice(b"wasm\0");
    with_length(unit)
}

/// The lengths of the operands of the standard operations.
const OPERANDS: [u8; 12] = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];

const COPY: u8 = 1;
const ADVANCE_PC: u8 = 2;
const ADVANCE_LINE: u8 = 3;
const SET_FILE: u8 = 4;
const SET_ADDRESS: [u8; 3] = [0, 9, 2];
const END_SEQUENCE: [u8; 3] = [0, 1, 1];

/// The line program for code at an address.
pub(super) fn program(address: usize, lines: &Lines) -> io::Result<Vec<u8>> {
    // Sizes of instructions, rows that are statements, and the parameters of short operations, which are not used.
    let mut header = vec![1, 1, 1, -5i8 as u8, 14, OPERANDS.len() as u8 + 1];
    header.extend_from_slice(&OPERANDS);
    header.push(0); // no folders
    for file in &lines.files {
        header.try_reserve(file.len() + 4)?;
        header.extend_from_slice(file.as_bytes());
        header.extend_from_slice(&[0; 4]); // folder, time, size
    }
    header.push(0);
    let mut program = vec![4, 0]; // version
    program.extend_from_slice(&(header.len() as u32).to_le_bytes());
    program.append(&mut header);
    for function in &lines.functions {
        program.try_reserve(32 + 24 * function.rows.len())?;
        sequence(&mut program, address, function);
    }
    Ok(with_length(program))
}

/// The rows of one function.
fn sequence(program: &mut Vec<u8>, address: usize, function: &super::lines::FunctionLines) {
    let Some(first) = function.rows.first() else { return };
    let (mut offset, mut file, mut line) = (first.offset, 1, 1);
    program.extend_from_slice(&SET_ADDRESS);
    program.extend_from_slice(&(address + offset).to_le_bytes());
    for row in &function.rows {
        advance(program, row.offset - offset);
        if row.file + 1 != file {
            program.push(SET_FILE);
            put_unsigned(program, row.file as u64 + 1);
        }
        program.push(ADVANCE_LINE);
        put_signed(program, i64::from(row.line) - line);
        program.push(COPY);
        (offset, file, line) = (row.offset, row.file + 1, row.line.into());
    }
    advance(program, function.end - offset);
    program.extend_from_slice(&END_SEQUENCE);
}

fn advance(program: &mut Vec<u8>, bytes: usize) {
    program.push(ADVANCE_PC);
    put_unsigned(program, bytes as u64);
}

fn put_unsigned(out: &mut Vec<u8>, mut number: u64) {
    while number >= 0x80 {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8);
}

fn put_signed(out: &mut Vec<u8>, mut number: i64) {
    while !(-0x40..0x40).contains(&number) {
        out.push(number as u8 | 0x80);
        number >>= 7;
    }
    out.push(number as u8 & 0x7f);
}

/// With the length before it.
fn with_length(bytes: Vec<u8>) -> Vec<u8> {
    [&(bytes.len() as u32).to_le_bytes(), &bytes[..]].concat()
}
