//! Places in modules of a compiler, in line tables written by hand, and in damaged and hostile ones.

use super::{Index, Sections, SourcePlace, Work};
use wasmparser::{Parser, Payload};

const MODULES: [&[u8]; 2] = [
    include_bytes!("../../tests/c/guest/lines_4.wasm"),
    include_bytes!("../../tests/c/guest/lines_5.wasm"),
];

const SECTIONS: [&[u8]; 9] = [
    b".debug_info",
    b".debug_abbrev",
    b".debug_line",
    b".debug_str",
    b".debug_line_str",
    b".debug_str_offsets",
    b".debug_addr",
    b".debug_ranges",
    b".debug_rnglists",
];

/// Contents of the sections of debug information, in the order of `SECTIONS`.
fn contents(module: &[u8]) -> Vec<Vec<u8>> {
    let mut contents = vec![Vec::new(); SECTIONS.len()];
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::CustomSection(section) = payload.unwrap()
            && let Some(at) = SECTIONS.iter().position(|name| *name == section.name().as_bytes())
        {
            contents[at] = section.data().to_vec();
        }
    }
    contents
}

fn sections(contents: &[Vec<u8>]) -> Sections<'_> {
    Sections::find(SECTIONS.into_iter().zip(contents.iter().map(Vec::as_slice)))
}

/// Sections with a line table and nothing else.
fn only_lines(line: &[u8]) -> Sections<'_> {
    Sections { line, ..Sections::default() }
}

fn place(sections: &Sections<'_>, address: u32, depth: usize) -> Option<SourcePlace> {
    Index::read(sections, 1 << 24)?.place(sections, address, depth, &Work::endless())
}

fn shown(place: Option<SourcePlace>) -> String {
    let Some(SourcePlace { func, file, line, column }) = place else { return "-".to_owned() };
    format!("{}{file}:{line}:{column}", func.map(|func| func + " ").unwrap_or_default())
}

#[test]
fn compilers_are_understood() {
    for module in MODULES {
        let contents = contents(module);
        let sections = sections(&contents);
        let at = |address, depth| shown(place(&sections, address, depth));
        assert_eq!(at(0x0d, 0), "/guest/lines.c:18:21");
        assert_eq!(at(0x0d, 1), "-");
        assert_eq!(at(0x2d, 0), "middle /guest/lines.c:12:7");
        assert_eq!(at(0x2d, 1), "/guest/lines.c:19:12");
        assert_eq!(at(0x33, 0), "half /guest/lines/half.h:4:12");
        assert_eq!(at(0x33, 1), "middle /guest/lines.c:13:10");
        assert_eq!(at(0x33, 2), "/guest/lines.c:19:12");
        assert_eq!(at(0x33, 3), "-");
        assert_eq!(at(0x4d, 0), "/guest/lines.c:27:10");
        // Before, between and behind the functions.
        for nowhere in [0, 1, 0x4b, 0x5b, 0x5c, u32::MAX] {
            assert_eq!(at(nowhere, 0), "-", "{nowhere:#x}");
        }
    }
}

#[test]
fn code_without_a_line_belongs_to_the_place_before_it() {
    for module in MODULES {
        let contents = contents(module);
        let sections = sections(&contents);
        let at = |address, depth| shown(place(&sections, address, depth));
        // The start of the loop, and its end.
        assert_eq!(at(0x10, 0), "/guest/lines.c:18:3");
        assert_eq!(at(0x2b, 0), "/guest/lines.c:18:3");
        assert_eq!(at(0x2b, 1), "-");
        assert_eq!(at(0x3f, 0), "/guest/lines.c:19:9");
        assert_eq!(at(0x58, 0), "/guest/lines.c:27:10");
    }
    // With a function that is inlined in what is before it: from 0x10 to 0x14, in one from 0x10 to 0x18.
    let line =
        program(false, 14, &[0, 5, 2, 0x10, 0, 0, 0, 3, 11, 1, 3, 116, 2, 4, 1, 2, 4, 0, 1, 1]);
    let info = inlined_function(0x10);
    let sections =
        Sections { info: &info, abbrev: &ABBREVIATIONS, line: &line, ..Sections::default() };
    for address in [0x11, 0x15] {
        assert_eq!(shown(place(&sections, address, 0)), " folder/file.c:12:0");
        assert_eq!(shown(place(&sections, address, 1)), "folder/file.c:70:0");
    }
}

#[test]
fn rows_of_a_range_come_in_order_with_their_files() {
    let contents = contents(MODULES[1]);
    let sections = sections(&contents);
    let index = Index::read(&sections, 1 << 20).unwrap();
    let mut rows = Vec::new();
    index.each_row(&sections, 0x2d..0x4d, &mut |row, file| {
        rows.push(format!("{:#x} {file}:{}", row.address, row.line));
    });
    let expected = [
        "0x2d /guest/lines.c:12",
        "0x2e /guest/lines/half.h:4",
        "0x34 /guest/lines.c:13",
        "0x37 /guest/lines.c:19",
        "0x3a /guest/lines.c:0",
        "0x40 /guest/lines.c:18",
        "0x41 /guest/lines.c:18",
        "0x44 /guest/lines.c:18",
        "0x46 /guest/lines.c:0",
        "0x48 /guest/lines.c:21",
        "0x4c /guest/lines.c:26",
    ];
    assert_eq!(rows, expected);
}

/// A line program of version 3, in either format: a file in folder 1, and a sequence of the instructions.
fn program(wide: bool, line_range: u8, instructions: &[u8]) -> Vec<u8> {
    let mut header = vec![1, 1, 0xfb, line_range, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
    header.extend_from_slice(b"folder\0\0file.c\0\x01\0\0\0");
    let offset = |number: usize| {
        let bytes = (number as u64).to_le_bytes();
        if wide { bytes.to_vec() } else { bytes[..4].to_vec() }
    };
    let rest = [&[3, 0][..], &offset(header.len()), &header, instructions].concat();
    let start = if wide { vec![0xff; 4] } else { Vec::new() };
    [start, offset(rest.len()), rest].concat()
}

/// Line 12 at 0x10, line 13 in column 7 from 0x14, the end at 0x18.
const LINES: [u8; 18] = [0, 5, 2, 0x10, 0, 0, 0, 3, 11, 1, 5, 7, 75, 2, 4, 0, 1, 1];

#[test]
fn line_tables_need_no_other_section() {
    for wide in [false, true] {
        let line = program(wide, 14, &LINES);
        let sections = only_lines(&line);
        let at = |address| shown(place(&sections, address, 0));
        assert_eq!(at(0x10), "folder/file.c:12:0");
        assert_eq!(at(0x13), "folder/file.c:12:0");
        assert_eq!(at(0x14), "folder/file.c:13:7");
        assert_eq!(at(0x17), "folder/file.c:13:7");
        assert_eq!(at(0x0f), "-");
        assert_eq!(at(0x18), "-");
    }
}

#[test]
fn lines_of_removed_functions_do_not_count() {
    let mut removed = LINES;
    removed[3] = 0;
    let mut beyond = LINES;
    beyond[6] = 0xff;
    let line =
        [program(false, 14, &removed), program(false, 14, &beyond), program(false, 14, &LINES)]
            .concat();
    let at = |address| shown(place(&only_lines(&line), address, 0));
    assert_eq!(at(4), "-");
    assert_eq!(at(0xff00_0011), "-");
    assert_eq!(at(0x11), "folder/file.c:12:0");
}

#[test]
fn programs_that_are_not_understood_are_passed_over() {
    let mut unknown = program(false, 14, &LINES);
    unknown[4] = 99;
    let line = [unknown, program(false, 0, &LINES), program(false, 14, &LINES)].concat();
    assert_eq!(shown(place(&only_lines(&line), 0x11, 0)), "folder/file.c:12:0");
}

/// A sequence from an address on, with rows that are a byte apart, a line each.
fn long_sequence(start: u32, rows: usize) -> Vec<u8> {
    let mut instructions = vec![0, 5, 2];
    instructions.extend(start.to_le_bytes());
    // A special opcode: address and line advance by one.
    instructions.extend(vec![13 + 14 + 6; rows]);
    instructions.extend([2, 1, 0, 1, 1]);
    instructions
}

#[test]
fn the_end_of_a_long_sequence_is_found_like_its_start() {
    // Tools that rewrite modules write one for everything.
    let rows = 5_000_000;
    let line = program(false, 14, &long_sequence(9, rows));
    for number in [1, 255, 256, 257, 4321, 1_000_000, rows - 1, rows] {
        let place = place(&only_lines(&line), 9 + number as u32, 0);
        assert_eq!(shown(place), format!("folder/file.c:{}:0", number + 1), "{number}");
    }
    assert_eq!(place(&only_lines(&line), 9, 0), None);
    assert_eq!(place(&only_lines(&line), 11 + rows as u32, 0), None);
}

#[test]
fn sequences_that_cover_each_other_are_not_listed_again_and_again() {
    let sequences: Vec<u8> = (1..2000).flat_map(|start| long_sequence(start, 3000)).collect();
    let line = program(false, 14, &sequences);
    let sections = only_lines(&line);
    let index = Index::read(&sections, 1 << 20).unwrap();
    let mut count = 0;
    index.each_row(&sections, 0..u32::MAX, &mut |_, _| count += 1);
    assert!((3000..6000).contains(&count), "{count}");
}

#[test]
fn what_has_been_worked_enough_for_has_no_place() {
    let line = program(false, 14, &LINES);
    let sections = only_lines(&line);
    let index = Index::read(&sections, 1 << 20).unwrap();
    let work = Work::new(1000);
    let found = (0..1000).take_while(|_| index.place(&sections, 0x11, 0, &work).is_some()).count();
    assert!((1..100).contains(&found), "{found}");
    assert_eq!(work.left(), 0);
}

/// Asks for places all over the code.
fn ask_everywhere(sections: &Sections<'_>) {
    let Some(index) = Index::read(sections, 0x60) else { return };
    for address in 0..0x60 {
        for depth in 0..4 {
            let _ = index.place(sections, address, depth, &Work::endless());
        }
    }
    index.each_row(sections, 0..u32::MAX, &mut |_, _| ());
}

#[test]
fn damaged_debug_information_does_no_harm() {
    let mut seed = 0x9e37_79b9_7f4a_7c15u64;
    let mut random = move |below: usize| {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        seed as usize % below
    };
    for round in 0..3000 {
        let mut contents = contents(MODULES[round % 2]);
        for _ in 0..=random(6) {
            let section = random(contents.len());
            let section = &mut contents[section];
            if section.is_empty() {
                continue;
            }
            let at = random(section.len());
            match random(4) {
                0 => section.truncate(at),
                1 => section[at] = [0, 1, 0x7f, 0x80, 0xff][random(5)],
                2 => section.insert(at, random(256) as u8),
                _ => section[at] ^= 1 << random(8),
            }
        }
        ask_everywhere(&sections(&contents));
    }
}

#[test]
fn endless_claims_end() {
    // Version 5 with 2^63 folders of no bytes.
    let mut tables = vec![1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1, 0];
    tables.extend([0xff; 9]);
    tables.push(0x7f);
    let rest = [&[5, 0, 4, 0][..], &(tables.len() as u32).to_le_bytes(), &tables, &LINES].concat();
    let line = [&(rest.len() as u32).to_le_bytes()[..], &rest].concat();
    assert_eq!(place(&only_lines(&line), 0x11, 0), None);

    // A million units that share one table of a million abbreviations, none of which they use.
    let abbrev = [2, 0x2e, 0, 0, 0].repeat(1 << 20);
    let info = [8u8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1].repeat(1 << 20);
    let line = program(false, 14, &LINES);
    let sections = Sections { info: &info, abbrev: &abbrev, line: &line, ..Sections::default() };
    assert_eq!(shown(place(&sections, 0x11, 0)), "folder/file.c:12:0");
}

#[test]
fn rows_that_many_sequences_claim_for_the_same_code_end() {
    // From 0x10 to 0x18, in each of 64 programs: a hundred thousand rows.
    let rows = [&LINES[..7], &[1; 100_000], &LINES[13..]].concat();
    let line = program(false, 14, &rows).repeat(64);
    let sections = only_lines(&line);
    let index = Index::read(&sections, 1 << 20).unwrap();
    let mut count = 0;
    index.each_row(&sections, 0x10..0x18, &mut |_, _| count += 1);
    assert!((1..1000).contains(&count), "{count} rows");
}

/// A unit, a function, and one that is inlined in it.
const ABBREVIATIONS: [u8; 32] = [
    1, 0x11, 1, 0x10, 0x17, 0, 0, // lines
    2, 0x2e, 1, 0x11, 0x01, 0x12, 0x0b, 0, 0, // from, length
    3, 0x1d, 0, 0x31, 0x13, 0x11, 0x01, 0x12, 0x0b, // origin, from, length
    0x58, 0x0b, 0x59, 0x0b, 0, 0, 0, // file and line of the call
];

/// A unit with a function from 0x10 to 0x18, and one that is inlined in it up to 0x14, whose origin is
/// itself.
fn inlined_function(from: u8) -> Vec<u8> {
    let entries = [
        [1, 0, 0, 0, 0].as_slice(),
        &[2, 0x10, 0, 0, 0, 8],
        &[3, 22, 0, 0, 0, from, 0, 0, 0, 0x14 - from, 1, 70],
        &[0, 0],
    ]
    .concat();
    let header = [4, 0, 0, 0, 0, 0, 4];
    let len = (header.len() + entries.len()) as u32;
    [&len.to_le_bytes()[..], &header, &entries].concat()
}

#[test]
fn names_that_refer_to_each_other_end() {
    let info = inlined_function(0x12);
    let line = program(false, 14, &LINES);
    let sections =
        Sections { info: &info, abbrev: &ABBREVIATIONS, line: &line, ..Sections::default() };
    assert_eq!(shown(place(&sections, 0x12, 0)), " folder/file.c:12:0");
    assert_eq!(shown(place(&sections, 0x12, 1)), "folder/file.c:70:0");
    assert_eq!(shown(place(&sections, 0x11, 0)), "folder/file.c:12:0");
}
