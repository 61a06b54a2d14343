//! The sections of a module that debug information is spread over.

/// The contents of the custom sections; empty if there is none of the name.
#[derive(Clone, Copy, Default)]
pub struct Sections<'a> {
    pub info: &'a [u8],
    pub abbrev: &'a [u8],
    pub line: &'a [u8],
    pub text: &'a [u8],
    pub line_text: &'a [u8],
    pub text_offsets: &'a [u8],
    pub addresses: &'a [u8],
    /// Up to version 4.
    pub ranges: &'a [u8],
    /// From version 5 on.
    pub range_lists: &'a [u8],
}

impl<'a> Sections<'a> {
    /// From names and contents of custom sections. Of two with the same name the first counts.
    pub fn find(custom: impl Iterator<Item = (&'a [u8], &'a [u8])>) -> Sections<'a> {
        let mut sections = Sections::default();
        for (name, content) in custom {
            let section = match name {
                b".debug_info" => &mut sections.info,
                b".debug_abbrev" => &mut sections.abbrev,
                b".debug_line" => &mut sections.line,
                b".debug_str" => &mut sections.text,
                b".debug_line_str" => &mut sections.line_text,
                b".debug_str_offsets" => &mut sections.text_offsets,
                b".debug_addr" => &mut sections.addresses,
                b".debug_ranges" => &mut sections.ranges,
                b".debug_rnglists" => &mut sections.range_lists,
                _ => continue,
            };
            if section.is_empty() {
                *section = content;
            }
        }
        sections
    }

    /// Bytes of the sections that are read from front to back.
    pub fn size(&self) -> u64 {
        (self.info.len() + self.abbrev.len() + self.line.len()) as u64
    }
}
