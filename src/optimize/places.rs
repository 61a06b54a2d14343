//! Which instruction of which function machine code belongs to.
//!
//! A source location has room for one offset. So the bodies that a function is made of, its own and the inlined
//! ones, are imagined one behind the other: each has a range of locations as long as its bytes. A body that is
//! inlined twice has two ranges, because its calls came from different places.

use super::block_ends::MAX_BODY;
use crate::abi::function_code::Inlined;
use crate::types::DefinedFuncIndex;
use cranelift_codegen::ir::SourceLoc;
use std::ops::Range;

/// The bodies of one function, in the order in which they were begun.
pub(super) struct Places {
    /// Where the function's own body starts in the module.
    body_start: u32,
    inlined: Vec<Span>,
    /// The body that is being translated: a position in `inlined`, counted from one.
    current: usize,
    /// The first location that is not used yet.
    next: u32,
}

/// An inlined body.
struct Span {
    first: u32,
    body_start: u32,
    function: DefinedFuncIndex,
    /// Module offset of the call, and the body that contains it.
    call_offset: u32,
    caller: usize,
}

/// Where an instruction is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Place {
    /// Byte offset in the module.
    pub wasm_offset: u32,
    body: usize,
}

impl Place {
    pub(super) fn is_inlined(&self) -> bool {
        self.body != 0
    }
}

impl Places {
    /// The places of a function with this body.
    pub(super) fn new(body: &Range<u32>) -> Places {
        let next = body.end - body.start + 1;
        Places { body_start: body.start, inlined: Vec::new(), current: 0, next }
    }

    /// Whether there are locations for another body of this many bytes.
    pub(super) fn have_room(&self, bytes: usize) -> bool {
        self.next as usize + bytes < MAX_BODY
    }

    /// Begins the body of a function that is called at `call_offset` in the current one.
    pub(super) fn enter(
        &mut self,
        function: DefinedFuncIndex,
        body: &Range<u32>,
        call_offset: u32,
    ) {
        let (first, caller) = (self.next, self.current);
        self.next = first + (body.end - body.start) + 1;
        self.inlined.push(Span { first, body_start: body.start, function, call_offset, caller });
        self.current = self.inlined.len();
    }

    /// Continues in the caller of the current body.
    pub(super) fn leave(&mut self) {
        self.current = self.span(self.current).map_or(0, |span| span.caller);
    }

    /// The location of the instruction at a byte offset of the module, in the current body.
    pub(super) fn location(&self, wasm_offset: u32) -> SourceLoc {
        let (first, body_start) = self
            .span(self.current)
            .map_or((0, self.body_start), |span| (span.first, span.body_start));
        SourceLoc::new(first + (wasm_offset - body_start))
    }

    /// The instruction at a location.
    pub(super) fn at(&self, location: u32) -> Place {
        let body = self.inlined.partition_point(|span| span.first <= location);
        let (first, body_start) =
            self.span(body).map_or((0, self.body_start), |span| (span.first, span.body_start));
        Place { wasm_offset: body_start + (location - first), body }
    }

    /// The functions that are inlined at a place, innermost first.
    pub(super) fn inlined_at(&self, place: Place) -> impl Iterator<Item = Inlined> {
        std::iter::successors(self.span(place.body), |span| self.span(span.caller))
            .map(|span| Inlined { function: span.function.0, call_offset: span.call_offset })
    }

    fn span(&self, body: usize) -> Option<&Span> {
        self.inlined.get(body.checked_sub(1)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inlined(places: &Places, place: Place) -> Vec<(u32, u32)> {
        places.inlined_at(place).map(|i| (i.function, i.call_offset)).collect()
    }

    #[test]
    fn an_instruction_knows_the_calls_that_lead_to_it() {
        let mut places = Places::new(&(100..120));
        let own = places.location(105);
        places.enter(DefinedFuncIndex(7), &(200..230), 106);
        let outer = places.location(229);
        places.enter(DefinedFuncIndex(8), &(50..60), 210);
        let inner = places.location(50);
        places.leave();
        let outer_again = places.location(211);
        places.leave();
        places.enter(DefinedFuncIndex(8), &(50..60), 110);
        let second = places.location(50);
        places.leave();
        let expected = [
            (own, 105, vec![]),
            (outer, 229, vec![(7, 106)]),
            (inner, 50, vec![(8, 210), (7, 106)]),
            (outer_again, 211, vec![(7, 106)]),
            (second, 50, vec![(8, 110)]),
            (places.location(119), 119, vec![]),
        ];
        for (location, wasm_offset, chain) in expected {
            let place = places.at(location.bits());
            assert_eq!((place.wasm_offset, inlined(&places, place)), (wasm_offset, chain));
        }
    }

    #[test]
    fn locations_have_an_end() {
        let mut places = Places::new(&(0..MAX_BODY as u32 - 100));
        assert!(places.have_room(80));
        places.enter(DefinedFuncIndex(0), &(0..40), 0);
        assert!(!places.have_room(80));
        assert_eq!(places.at(10), Place { wasm_offset: 10, body: 0 });
    }
}
