//! From an address to the code object, and from a code offset to the wasm instruction: while other
//! threads come and go, and for tables of any shape.

use std::num::NonZeroU8;
use std::sync::atomic::{AtomicBool, Ordering::*};
use wasmrt::abi::function_code::{Handler, Inlined};
use wasmrt::abi::{Site, SiteDetails};
use wasmrt::code::function_table::{FunctionSpan, FunctionTable, SiteTable, SiteTableBuilder};
use wasmrt::code::registry::{Registration, lookup, register};
use wasmrt::code::sites::{FunctionSites, SitesError};

/// A small generator, the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u32) -> u32 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        ((self.0 >> 33) % u64::from(limit)) as u32
    }
}

/// Every range says in its data where it starts, so that a mixture of two entries shows.
fn registered(start: usize, len: usize) -> Registration {
    register(start..start + len, std::ptr::without_provenance(start ^ len << 1)).unwrap()
}

#[test]
fn a_lookup_finds_what_stands_and_never_a_mixture_of_what_comes_and_goes() {
    // Addresses of the upper half belong to no program. Each writer has a region of its own; all
    // of them share buckets and lists.
    let region = |writer: usize| (1 << 63) + (writer << 30);
    let stop = AtomicBool::new(false);
    let standing: Vec<_> = (0..100).map(|i| registered(region(7) + i * 0x5000, 0x4000)).collect();
    let large = registered(region(6), 0x100_0000);
    let write = |writer: usize| {
        let mut random = Random(writer as u64);
        let mut live: Vec<Option<Registration>> = (0..200).map(|_| None).collect();
        for _ in 0..10_000 {
            let at = random.below(200) as usize;
            live[at] = match live[at].take() {
                Some(_) => None,
                // Lengths vary, so that a slot changes both of its ends.
                None => Some(registered(
                    region(writer) + at * 0x8_0000,
                    random.below(0x5_0000) as usize + 1,
                )),
            };
        }
    };
    let check = |pc: usize| {
        if let Some(entry) = lookup(pc) {
            assert!((entry.start..entry.end).contains(&pc));
            assert_eq!(entry.data.addr(), entry.start ^ (entry.end - entry.start) << 1);
        }
    };
    let read = |reader: u64| {
        let mut random = Random(reader);
        while !stop.load(Relaxed) {
            check(region(random.below(3) as usize) + random.below(200 * 0x8_0000) as usize);
            let at = region(7) + random.below(100) as usize * 0x5000;
            assert_eq!(
                lookup(at + random.below(0x4000) as usize).map(|entry| entry.start),
                Some(at)
            );
            assert_eq!(lookup(at + 0x4000), None);
            assert!(lookup(region(6) + random.below(0x100_0000) as usize).is_some());
        }
    };
    std::thread::scope(|scope| {
        let readers: Vec<_> = [8, 9].map(|reader| scope.spawn(move || read(reader))).into();
        let writers: Vec<_> = (0..3).map(|writer| scope.spawn(move || write(writer))).collect();
        let results: Vec<_> = writers.into_iter().map(|writer| writer.join()).collect();
        stop.store(true, Relaxed);
        assert!(results.iter().all(Result::is_ok));
        assert!(readers.into_iter().all(|reader| reader.join().is_ok()));
    });
    drop((standing, large));
    assert_eq!((lookup(region(7)), lookup(region(6))), (None, None));
}

/// Sites with offsets from the function's start; now and then a call and a trap share an offset.
fn random_sites(random: &mut Random, count: u32, spread: u32) -> Vec<Site> {
    let (mut code_offset, mut wasm_offset) = (1, random.below(1 << 30));
    let mut sites = Vec::new();
    for _ in 0..count {
        wasm_offset = wasm_offset.wrapping_add(random.below(spread)).wrapping_sub(spread / 8);
        let call = Site { code_offset, wasm_offset, trap: None };
        let trap = Site { trap: NonZeroU8::new(1 + random.below(255) as u8), ..call };
        match random.below(9) {
            0 => sites.extend([call, Site { wasm_offset: wasm_offset ^ 5, ..trap }]),
            1..5 => sites.push(call),
            _ => sites.push(trap),
        }
        code_offset += random.below(spread) + 1;
    }
    sites
}

/// Functions with gaps between them, each with its sites as the table should give them back.
fn random_table(
    random: &mut Random,
    functions: u32,
    most: u32,
) -> (SiteTable, Vec<(FunctionSpan, Vec<Site>)>) {
    let mut builder = SiteTableBuilder::with_capacity(functions as usize, 0).unwrap();
    let (mut start, mut expected) = (random.below(100), Vec::new());
    for number in 0..functions {
        let (count, spread) = (random.below(most + 1), 1 + random.below(300));
        let sites = random_sites(random, count, spread);
        let code_len = sites.last().map_or(1, |site| site.code_offset + 1);
        let span = FunctionSpan { function: number * 3, code_start: start, code_len };
        builder.push(span, FunctionSites::encode(&sites).unwrap()).unwrap();
        let moved = |site: &Site| Site { code_offset: site.code_offset + start, ..*site };
        expected.push((span, sites.iter().map(moved).collect()));
        start += code_len + random.below(20);
    }
    (builder.finish(), expected)
}

#[test]
fn every_site_and_nothing_else_is_found_again() {
    let mut random = Random(1);
    for (functions, most) in [(0, 0), (1, 0), (1, 5000), (50, 400), (2000, 3)] {
        let (table, expected) = random_table(&mut random, functions, most);
        assert!(table.functions().eq(expected.iter().map(|(span, _)| *span)));
        let mut covered = 0;
        for (span, sites) in &expected {
            assert!(
                (covered..span.code_start).all(|offset| table.lookup_function(offset).is_none())
            );
            covered = span.code_start + span.code_len;
            let mut sites = sites.iter().peekable();
            for offset in span.code_start..covered {
                let (mut call, mut trap) = (None, None);
                while let Some(site) = sites.next_if(|site| site.code_offset == offset) {
                    *(if site.trap.is_some() { &mut trap } else { &mut call }) = Some(*site);
                }
                assert_eq!(table.lookup_function(offset), Some(*span));
                assert_eq!(table.lookup_call(offset), call);
                assert_eq!(table.lookup_trap(offset), trap);
            }
        }
        assert_eq!(table.lookup_function(covered), None);
        assert_eq!((table.lookup_call(u32::MAX), table.lookup_trap(u32::MAX)), (None, None));
    }
}

#[test]
fn extreme_offsets_come_back() {
    let site = |code_offset, wasm_offset, trap| Site { code_offset, wasm_offset, trap };
    let sites = [
        site(0, u32::MAX, NonZeroU8::new(255)),
        site(1, 0, None),
        site(u32::MAX - 2, u32::MAX, NonZeroU8::new(1)),
    ];
    let mut builder = SiteTableBuilder::default();
    let span = FunctionSpan { function: 7, code_start: 1, code_len: u32::MAX - 1 };
    builder.push(span, FunctionSites::encode(&sites).unwrap()).unwrap();
    let table = builder.finish();
    let moved = sites.map(|site| Site { code_offset: site.code_offset + 1, ..site });
    for site in moved {
        let found = match site.trap {
            Some(_) => table.lookup_trap(site.code_offset),
            None => table.lookup_call(site.code_offset),
        };
        assert_eq!(found, Some(site));
    }
    assert_eq!(table.lookup_caller(u32::MAX), Some(span));
    assert_eq!(
        (table.lookup_function(0), table.lookup_call(0), table.lookup_caller(0)),
        (None, None, None)
    );
}

#[test]
fn a_call_that_ends_its_function_belongs_to_it() {
    let mut builder = SiteTableBuilder::default();
    for (function, code_start) in [(0, 0), (1, 16)] {
        let call = [Site { code_offset: 16, wasm_offset: 90 + function, trap: None }];
        let span = FunctionSpan { function, code_start, code_len: 16 };
        builder.push(span, FunctionSites::encode(&call).unwrap()).unwrap();
    }
    let table = builder.finish();
    assert_eq!(table.lookup_call(16).map(|site| site.wasm_offset), Some(90));
    assert_eq!(table.lookup_caller(16).map(|span| span.function), Some(0));
    assert_eq!(table.lookup_call(32).map(|site| site.wasm_offset), Some(91));
    assert_eq!(table.lookup_trap(16), None);
}

#[test]
fn descending_sites_and_overlapping_functions_are_refused() {
    let site = |code_offset| Site { code_offset, wasm_offset: 0, trap: None };
    assert_eq!(FunctionSites::encode(&[site(2), site(1)]).err(), Some(SitesError::Malformed));
    let mut builder = SiteTableBuilder::default();
    let span = FunctionSpan { function: 0, code_start: 10, code_len: 10 };
    builder.push(span, FunctionSites::default()).unwrap();
    let overlapping = FunctionSpan { code_start: 19, ..span };
    assert_eq!(builder.push(overlapping, FunctionSites::default()), Err(SitesError::Malformed));
}

#[test]
fn sites_of_ordinary_code_take_about_three_bytes() {
    let mut random = Random(4);
    let sites = random_sites(&mut random, 100_000, 40);
    let mut builder = SiteTableBuilder::default();
    let span = FunctionSpan { function: 0, code_start: 0, code_len: u32::MAX };
    builder.push(span, FunctionSites::encode(&sites).unwrap()).unwrap();
    let bytes = builder.finish().encoded().next().unwrap().1.len();
    assert!(bytes < sites.len() * 3, "{bytes} bytes for {} sites", sites.len());
}

fn random_details(random: &mut Random) -> SiteDetails {
    let mut pairs =
        || (0..random.below(4)).map(|_| (random.below(300), random.below(1 << 20))).collect();
    let inlined: Vec<(u32, u32)> = pairs();
    let handlers: Vec<(u32, u32)> = pairs();
    let handler = |&(landing, frame_size): &(u32, u32)| Handler { landing, frame_size };
    SiteDetails {
        inlined: inlined
            .into_iter()
            .map(|(function, call_offset)| Inlined { function, call_offset })
            .collect(),
        handler: handlers.first().map(handler),
        is_hidden: random.below(2) == 0,
        target: (random.below(2) == 0).then_some(random.below(1 << 20)),
    }
}

#[test]
fn details_come_back_with_their_site_and_with_no_other() {
    let mut random = Random(7);
    let sites = random_sites(&mut random, 2000, 40);
    let mut details: Vec<(u32, SiteDetails)> = Vec::new();
    for position in 0..sites.len() as u32 {
        if random.below(5) == 0 {
            details.push((position, random_details(&mut random)));
        }
    }
    let mut builder = SiteTableBuilder::default();
    let span = FunctionSpan { function: 0, code_start: 0, code_len: u32::MAX };
    builder.push(span, FunctionSites::encode_with(&sites, &details).unwrap()).unwrap();
    let table = builder.finish();
    let mut details = details.into_iter().peekable();
    for (position, site) in sites.iter().enumerate() {
        let expected = details.next_if(|(own, _)| *own as usize == position);
        let expected = expected.map(|(_, own)| own).unwrap_or_default();
        let found = match site.trap {
            Some(_) => table.lookup_detailed_trap(site.code_offset),
            None => table.lookup_detailed_call(site.code_offset),
        };
        let (found, details) = found.unwrap();
        let details = SiteDetails {
            inlined: details.inlined().collect(),
            handler: details.handler(),
            is_hidden: details.is_hidden(),
            target: details.target(),
        };
        assert_eq!((found, details), (*site, expected));
    }
}

#[test]
fn damaged_details_end_early_and_details_of_no_site_are_refused() {
    let mut random = Random(11);
    let sites = random_sites(&mut random, 20, 40);
    let details: Vec<_> =
        (0..sites.len() as u32).map(|at| (at, random_details(&mut random))).collect();
    let good = FunctionSites::encode_with(&sites, &details).unwrap();
    let span = FunctionSpan { function: 0, code_start: 0, code_len: 2000 };
    let mut builder = SiteTableBuilder::default();
    builder.push(span, good).unwrap();
    let good = builder.finish().encoded().next().unwrap().1.to_vec();
    for _ in 0..20_000 {
        let mut bytes = good.clone();
        let at = random.below(bytes.len() as u32) as usize;
        bytes[at] = random.below(256) as u8;
        bytes.truncate(1 + random.below(2 * good.len() as u32) as usize);
        let mut builder = SiteTableBuilder::default();
        builder.push_encoded(span, &bytes).unwrap();
        let table = builder.finish();
        for site in &sites {
            let call = table.lookup_detailed_call(site.code_offset);
            let trap = table.lookup_detailed_trap(site.code_offset);
            for (_, details) in call.into_iter().chain(trap) {
                assert!(details.inlined().count() < 2 * good.len());
            }
        }
    }
    let beyond = [(sites.len() as u32, SiteDetails::default())];
    let refused = FunctionSites::encode_with(&sites, &beyond).err();
    assert_eq!(refused, Some(SitesError::Malformed));
}
