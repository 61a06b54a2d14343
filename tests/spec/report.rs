//! The results: counts by file, added up by set.

use std::collections::BTreeMap;

#[derive(Default)]
pub struct Report {
    pub passed: u64,
    pub skipped: BTreeMap<&'static str, u64>,
    /// Each with file and line.
    pub failures: Vec<String>,
}

impl Report {
    pub fn skip(&mut self, reason: &'static str) {
        *self.skipped.entry(reason).or_default() += 1;
    }

    pub fn add(&mut self, other: Report) {
        self.passed += other.passed;
        self.failures.extend(other.failures);
        for (reason, count) in other.skipped {
            *self.skipped.entry(reason).or_default() += count;
        }
    }

    pub fn skipped_count(&self) -> u64 {
        self.skipped.values().sum()
    }

    pub fn counts(&self) -> String {
        format!(
            "{} passed, {} failed, {} skipped",
            self.passed,
            self.failures.len(),
            self.skipped_count()
        )
    }
}
