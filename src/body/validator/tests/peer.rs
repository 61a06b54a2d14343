//! A module whose bodies are validated by both.

use crate::binary::{Decoded, Limits, bodies, decode, malformed};
use crate::body::{ValidationBuffers, validate_body};
use crate::error::ErrorKind;
use crate::module::Module;
use crate::types::{DefinedFuncIndex, TypeRegistry};
use wasmparser::{FuncToValidate, Parser, ValidPayload, Validator, ValidatorResources};

pub(super) struct Both {
    decoded: Decoded,
    peer: Vec<FuncToValidate<ValidatorResources>>,
}

impl Both {
    /// None if something but the bodies is wrong with the module.
    pub fn new(bytes: &[u8]) -> Option<Both> {
        let decoded = decode(bytes, &TypeRegistry::default(), &Limits::default()).ok()?;
        let mut validator = Validator::new_with_features(crate::binary::SECTIONS);
        let mut peer = Vec::new();
        for payload in Parser::new(0).parse_all(bytes) {
            if let ValidPayload::Func(func, _) = validator.payload(&payload.ok()?).ok()? {
                peer.push(FuncToValidate { features: crate::binary::BODIES, ..func });
            }
        }
        Some(Both { decoded, peer })
    }

    pub fn bodies(&self) -> u32 {
        self.peer.len() as u32
    }

    pub fn body(&self, body: u32) -> &[u8] {
        self.decoded.module.body(DefinedFuncIndex(body))
    }

    pub fn body_mut(&mut self, body: u32) -> &mut [u8] {
        let Module { bodies, bytes, .. } = &mut self.decoded.module;
        let range = bodies.get(DefinedFuncIndex(body));
        &mut bytes.get_mut().unwrap()[range.start as usize..range.end as usize]
    }

    pub fn compare_all(&self) {
        for body in 0..self.bodies() {
            self.compare(body);
        }
    }

    /// Validates a body with both, and checks that they agree. True if it is valid.
    pub fn compare(&self, body: u32) -> bool {
        let Decoded { module, validation } = &self.decoded;
        let func = DefinedFuncIndex(body);
        let limits = Limits::default();
        let ours =
            validate_body(module, validation, func, &limits, &mut ValidationBuffers::default());
        let theirs = self.validate_by_peer(body);
        match (&ours, &theirs) {
            (Ok(()), Ok(())) => true,
            (Err(ours), Err(theirs)) => {
                let place = (ours.byte_offset(), ours.kind());
                let expected = (Some(theirs.offset()), self.kind(body, theirs));
                let said = ours.message();
                assert_eq!(place, expected, "{said} - {theirs} in {:x?}", self.body(body));
                if ours.kind() != ErrorKind::Unsupported {
                    assert_eq!(said, without_numbers(theirs.message()), "{:x?}", self.body(body));
                }
                false
            }
            _ => panic!("{ours:?} - {theirs:?} in {:x?}", self.body(body)),
        }
    }

    fn validate_by_peer(&self, body: u32) -> wasmparser::Result<()> {
        let func = &self.peer[body as usize];
        let func = FuncToValidate { resources: func.resources.clone(), ..*func };
        let mut validator = func.into_validator(Default::default());
        let body = bodies::function_body(&self.decoded.module, DefinedFuncIndex(body));
        let mut reader = body.get_binary_reader();
        validator.read_locals(&mut reader)?;
        while !reader.eof() {
            let offset = reader.original_position();
            reader.visit_operator(&mut validator.visitor(offset))??;
        }
        let offset = reader.original_position();
        reader.finish_expression(&validator.visitor(offset))
    }

    /// What kind of error it is. A body is malformed if it cannot even be read.
    fn kind(&self, body: u32, error: &wasmparser::Error) -> ErrorKind {
        let converted = malformed(error.clone()).kind();
        let by_text = error.missing_wasm_feature().is_some()
            || error.message().contains("data count section required")
            || converted == ErrorKind::Limit;
        let read = || -> Result<(), wasmparser::Error> {
            let body = bodies::function_body(&self.decoded.module, DefinedFuncIndex(body));
            let mut operators = body.get_operators_reader()?;
            while !operators.eof() {
                operators.read()?;
            }
            operators.finish()
        };
        match read() {
            _ if by_text => converted,
            Err(reading) if reading.offset() <= error.offset() => ErrorKind::Malformed,
            _ => ErrorKind::Invalid,
        }
    }
}

/// A message as ours would be: it does not number function types.
fn without_numbers(message: &str) -> String {
    let mut parts = message.split("(id ");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("$type");
        text.push_str(part.split_once(')').unwrap().1);
    }
    text
}
