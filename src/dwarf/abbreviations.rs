//! Abbreviations: which attributes the entries of a unit have, in which forms.

use super::reader::{Reader, Work};

/// The abbreviations of a unit, by code.
#[derive(Default)]
pub struct Abbreviations {
    list: Vec<Abbreviation>,
    attributes: Vec<Attribute>,
}

#[derive(Clone, Copy)]
pub struct Abbreviation {
    code: u64,
    /// 0 for those that no constant names.
    pub tag: u16,
    pub has_children: bool,
    first: u32,
    count: u32,
}

#[derive(Clone, Copy)]
pub struct Attribute {
    /// 0 for those that no constant names.
    pub name: u16,
    pub form: u16,
    /// The value itself, for the form that has it here.
    pub implicit: i64,
}

impl Abbreviations {
    /// The table at an offset of `.debug_abbrev`. It ends where it is damaged.
    pub fn read(section: &[u8], at: u64, work: &Work) -> Option<Abbreviations> {
        let mut reader = Reader::new(section, at, work)?;
        let mut table = Abbreviations::default();
        while table.read_one(&mut reader)?.is_some() {}
        table.list.sort_unstable_by_key(|abbreviation| abbreviation.code);
        Some(table)
    }

    /// The table with nothing but the first abbreviation, which is the only one that the root of a unit needs in
    /// what compilers write.
    pub fn read_first(section: &[u8], at: u64, work: &Work) -> Option<Abbreviations> {
        let mut reader = Reader::new(section, at, work)?;
        let mut table = Abbreviations::default();
        table.read_one(&mut reader)?;
        Some(table)
    }

    /// The code of the abbreviation that was read; `None` inside at the end of the table.
    #[inline(never)]
    fn read_one(&mut self, reader: &mut Reader<'_>) -> Option<Option<u64>> {
        let Some(code @ 1..) = reader.unsigned() else { return Some(None) };
        let Some(tag) = reader.unsigned() else { return Some(None) };
        let Some(children) = reader.u8() else { return Some(None) };
        let first = self.attributes.len();
        while let Some(attribute) = Attribute::read(reader) {
            self.attributes.try_reserve(1).ok()?;
            self.attributes.push(attribute);
        }
        self.list.try_reserve(1).ok()?;
        self.list.push(Abbreviation {
            code,
            tag: u16::try_from(tag).unwrap_or(0),
            has_children: children != 0,
            first: u32::try_from(first).ok()?,
            count: u32::try_from(self.attributes.len() - first).ok()?,
        });
        Some(Some(code))
    }

    pub fn get(&self, code: u64) -> Option<Abbreviation> {
        // Codes usually count from 1.
        let likely = usize::try_from(code).ok()?.checked_sub(1)?;
        if let Some(abbreviation) = self.list.get(likely).filter(|a| a.code == code) {
            return Some(*abbreviation);
        }
        let at = self.list.binary_search_by_key(&code, |abbreviation| abbreviation.code).ok()?;
        Some(self.list[at])
    }

    pub fn attributes(&self, of: Abbreviation) -> &[Attribute] {
        &self.attributes[of.first as usize..][..of.count as usize]
    }
}

impl Attribute {
    /// `None` at the end of the list.
    fn read(reader: &mut Reader<'_>) -> Option<Attribute> {
        let name = reader.unsigned()?;
        let form = reader.unsigned()?;
        if name == 0 && form == 0 {
            return None;
        }
        let implicit = if form == u64::from(super::constants::DW_FORM_IMPLICIT_CONST) {
            reader.signed()?
        } else {
            0
        };
        let small = |number| u16::try_from(number).unwrap_or(0);
        Some(Attribute { name: small(name), form: small(form), implicit })
    }
}
