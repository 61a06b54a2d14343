//! Numbers and types that look random and are the same in every run.

use wasmrt::types::ValType;

pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    /// At most `most` of these types.
    pub fn types(&mut self, of: &[ValType], most: u64) -> Vec<ValType> {
        let any = |random: &mut Random| of[(random.next() % of.len() as u64) as usize];
        (0..self.next() % (most + 1)).map(|_| any(self)).collect()
    }
}
