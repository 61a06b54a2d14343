//! Where the frames of code are, in DWARF's words (`.eh_frame`), for whoever walks the stack.
//!
//! Guest functions keep a frame pointer and restore no other register, so one description serves any number of
//! them: it is right wherever a function has called another one, and leaves out the caller while a function is
//! between its first instruction and its prologue ([`FrameTable::add_functions`]). Debuggers and sampling
//! profilers stop anywhere. For them the prologue and the epilogues of a function are found in its code by the
//! bytes that all compilers emit for them ([`FrameTable::add_code`]). These bytes may occur within other
//! instructions; then the description is wrong between bytes of one instruction, where no program counter ever
//! is.
//!
//! Stubs are described in the same way. An entry stub has saved all registers of the host that guest code may change
//! (see `abi::frames`), and so lets the walk find the host's values.

use std::io;
use std::ops::Range;

/// How the frames of code look.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Frames {
    /// Of functions and stubs with a frame pointer.
    Pointer,
    /// Of stubs with so many bytes below the saved frame pointer, while the register keeps its caller's.
    Size(u32),
    /// None.
    None,
}

/// DWARF's numbers of registers.
const RBX: u8 = 3;
const RBP: u8 = 6;
const RSP: u8 = 7;
const RETURN_ADDRESS: u8 = 16;
/// What C functions preserve, in the order in which entry frames hold them, below the saved frame pointer.
const PRESERVED: [u8; 5] = [RBX, 12, 13, 14, 15];

const PUSH_RBP: u8 = 0x55;
const MOV_RBP_RSP: [u8; 3] = [0x48, 0x89, 0xe5];
/// Of the registers of [`PRESERVED`].
const PUSHES: [u8; 9] = [0x53, 0x41, 0x54, 0x41, 0x55, 0x41, 0x56, 0x41, 0x57];
const POP_RBP: u8 = 0x5d;
const RET: u8 = 0xc3;
const RET_POPPING: u8 = 0xc2;

/// The contents of an `.eh_frame` section, which has no address in it but those of the code.
pub(super) struct FrameTable {
    bytes: Vec<u8>,
}

impl FrameTable {
    /// No code yet. `personality` is the address of a function that decides how exceptions pass.
    pub fn new(personality: Option<usize>) -> FrameTable {
        let mut entry = Vec::with_capacity(48);
        entry.extend_from_slice(&[0; 4]); // this is not about code
        entry.push(1);
        match personality {
            Some(address) => {
                entry.extend_from_slice(b"zPR\0\x01\x78\x10\x0a\0");
                entry.extend_from_slice(&address.to_le_bytes());
            }
            None => entry.extend_from_slice(b"zR\0\x01\x78\x10\x01"),
        }
        entry.push(0); // addresses are words
        let mut rules = Rules::default();
        rules.frame_from(RSP, 8);
        rules.saved(RETURN_ADDRESS, 1);
        entry.extend_from_slice(&rules.bytes);
        let mut table = FrameTable { bytes: Vec::new() };
        table.push(entry);
        table
    }

    /// Guest functions anywhere in a range.
    pub fn add_functions(&mut self, range: Range<usize>) {
        let mut rules = Rules::default();
        rules.pointer_frame();
        PRESERVED.iter().for_each(|register| rules.unknown(*register));
        self.add(range, rules);
    }

    /// One function or stub.
    pub fn add_code(&mut self, address: usize, code: &[u8], frames: Frames) {
        let rules = match frames {
            Frames::Pointer => pointer_rules(code),
            Frames::Size(size) => size_rules(code, size),
            Frames::None => Rules::default(),
        };
        self.add(address..address + code.len(), rules);
    }

    fn add(&mut self, range: Range<usize>, rules: Rules) {
        let mut entry = Vec::with_capacity(32 + rules.bytes.len());
        // The distance to the first entry, which says how to read this one.
        entry.extend_from_slice(&(self.bytes.len() as u32 + 4).to_le_bytes());
        entry.extend_from_slice(&range.start.to_le_bytes());
        entry.extend_from_slice(&range.len().to_le_bytes());
        entry.push(0);
        entry.extend_from_slice(&rules.bytes);
        self.push(entry);
    }

    /// Adds an entry, with its length before it and nothing to do behind it, up to a multiple of eight bytes.
    fn push(&mut self, mut entry: Vec<u8>) {
        let len = (entry.len() + 4).next_multiple_of(8) - 4;
        entry.resize(len, 0);
        self.bytes.extend_from_slice(&(len as u32).to_le_bytes());
        self.bytes.extend_from_slice(&entry);
    }

    /// The section without its end.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The section in words, with the zero that marks its end.
    pub fn section(&self) -> io::Result<Box<[u64]>> {
        let mut section = Vec::new();
        section.try_reserve_exact(self.bytes.len() / 8 + 1)?;
        section.extend(self.bytes.as_chunks().0.iter().map(|word| u64::from_le_bytes(*word)));
        section.push(0);
        Ok(section.into_boxed_slice())
    }
}

/// What holds from which offset of the code on.
#[derive(Default)]
struct Rules {
    bytes: Vec<u8>,
    at: usize,
}

impl Rules {
    /// What follows holds from an offset on.
    fn from(&mut self, offset: usize) {
        match offset - self.at {
            0 => {}
            by @ 1..=0x3f => self.bytes.push(0x40 | by as u8),
            by => {
                self.bytes.push(0x04);
                self.bytes.extend_from_slice(&(by as u32).to_le_bytes());
            }
        }
        self.at = offset;
    }

    /// The frame's upper end is so many bytes above a register.
    fn frame_from(&mut self, register: u8, bytes: u32) {
        self.bytes.extend_from_slice(&[0x0c, register]);
        self.number(bytes);
    }

    /// A register of the caller is in the word with this number below the frame's upper end.
    fn saved(&mut self, register: u8, word: u8) {
        self.bytes.extend_from_slice(&[0x80 | register, word]);
    }

    /// A register is still the caller's.
    fn kept(&mut self, register: u8) {
        self.bytes.extend_from_slice(&[0x08, register]);
    }

    /// A register of the caller is lost, or nobody says where it is.
    fn unknown(&mut self, register: u8) {
        self.bytes.extend_from_slice(&[0x07, register]);
    }

    /// After the prologue.
    fn pointer_frame(&mut self) {
        self.frame_from(RBP, 16);
        self.saved(RBP, 2);
    }

    /// Before the prologue, and before a `ret`.
    fn no_frame(&mut self) {
        self.frame_from(RSP, 8);
        self.kept(RBP);
    }

    fn number(&mut self, mut number: u32) {
        while number >= 0x80 {
            self.bytes.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.bytes.push(number as u8);
    }
}

/// The instructions that end a frame, from an offset on: `pop rbp` and a kind of `ret`. The length of the latter.
fn epilogue(code: &[u8]) -> Option<usize> {
    match code {
        [POP_RBP, RET, ..] => Some(1),
        [POP_RBP, RET_POPPING, _, _, ..] => Some(3),
        _ => None,
    }
}

fn pointer_rules(code: &[u8]) -> Rules {
    let mut rules = Rules::default();
    let (mut at, mut has_saved) = (0, false);
    while let Some([first, rest @ ..]) = code.get(at..) {
        at += 1;
        if *first == PUSH_RBP && rest.starts_with(&MOV_RBP_RSP) {
            rules.from(at - 1);
            rules.no_frame();
            PRESERVED.iter().filter(|_| has_saved).for_each(|register| rules.kept(*register));
            rules.from(at);
            rules.frame_from(RSP, 16);
            rules.saved(RBP, 2);
            at += MOV_RBP_RSP.len();
            rules.from(at);
            rules.pointer_frame();
            has_saved = code[at..].starts_with(&PUSHES);
            for (word, register) in PRESERVED.into_iter().enumerate().filter(|_| has_saved) {
                at += if register == RBX { 1 } else { 2 };
                rules.from(at);
                rules.saved(register, word as u8 + 3);
            }
        } else if let Some(ret) = epilogue(&code[at - 1..]) {
            rules.from(at);
            rules.no_frame();
            at += ret;
            rules.from(at);
            rules.pointer_frame();
        }
    }
    rules
}

/// Such a stub begins by pushing the frame pointer. What its rarely taken branches push is left out.
fn size_rules(code: &[u8], size: u32) -> Rules {
    let (open, close) = (adjust_stack(SUB, size), adjust_stack(ADD, size + 8));
    let mut rules = Rules::default();
    rules.from(1);
    rules.frame_from(RSP, 16);
    let mut at = 1;
    while let Some(rest) = code.get(at..).filter(|rest| !rest.is_empty()) {
        at += 1;
        if rest.starts_with(&open) {
            at += open.len() - 1;
            rules.from(at);
            rules.frame_from(RSP, size + 16);
        } else if rest.starts_with(&close) {
            at += close.len() - 1;
            rules.from(at);
            rules.frame_from(RSP, 8);
            at += if code.get(at) == Some(&RET) { 1 } else { 3 };
            rules.from(at);
            rules.frame_from(RSP, size + 16);
        }
    }
    rules
}

/// The second byte of the operand of such an instruction.
const SUB: u8 = 0xec;
const ADD: u8 = 0xc4;

/// `sub rsp, bytes` or `add rsp, bytes`.
fn adjust_stack(operation: u8, bytes: u32) -> Vec<u8> {
    match bytes {
        0..0x80 => vec![0x48, 0x83, operation, bytes as u8],
        _ => [&[0x48, 0x81, operation], &bytes.to_le_bytes()[..]].concat(),
    }
}
