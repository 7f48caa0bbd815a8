//! What the product is wanted to do, and whether it was seen to.

use crate::table::{Table, millis, percent, say};

/// Every promise that this run looked at.
#[derive(Default)]
pub(crate) struct Wanted(Vec<Promise>);

struct Promise {
    what: String,
    seen: String,
    wanted: String,
    is_kept: bool,
}

impl Wanted {
    /// `rate` is at least `share` of the `ceiling` of the same run.
    pub(crate) fn share(&mut self, what: &str, rate: f64, ceiling: f64, share: f64) {
        let seen = rate / ceiling;
        self.promise(what, percent(seen), format!("≥ {}", percent(share)), seen >= share);
    }

    /// `seen` milliseconds are at most `limit`.
    pub(crate) fn within_ms(&mut self, what: &str, seen: f64, limit: f64) {
        self.promise(what, millis(seen), format!("≤ {limit} ms"), seen <= limit);
    }

    /// `seen` mebibytes are at most `limit`.
    pub(crate) fn within_mib(&mut self, what: &str, seen: f64, limit: f64) {
        self.promise(what, format!("{seen:.1} MiB"), format!("≤ {limit} MiB"), seen <= limit);
    }

    /// Nothing of `seen` happened.
    pub(crate) fn none(&mut self, what: &str, seen: u64) {
        self.promise(what, seen.to_string(), "0".into(), seen == 0);
    }

    fn promise(&mut self, what: &str, seen: String, wanted: String, is_kept: bool) {
        self.0.push(Promise { what: what.into(), seen, wanted, is_kept });
    }

    /// The promises, and then in words what falls short.
    pub(crate) fn print(&self) {
        if self.0.is_empty() {
            return;
        }
        let mut table = Table::new("Wanted", &["what", "seen", "wanted", ""]);
        for promise in &self.0 {
            let verdict = if promise.is_kept { "kept" } else { "falls short" };
            table.row(vec![
                promise.what.clone(),
                promise.seen.clone(),
                promise.wanted.clone(),
                verdict.to_owned(),
            ]);
        }
        table.print();

        let short: Vec<&Promise> = self.0.iter().filter(|promise| !promise.is_kept).collect();
        say("");
        if short.is_empty() {
            say("Nothing falls short.");
        }
        for promise in short {
            say(&format!(
                "Falls short: {}: {} where {} is wanted.",
                promise.what, promise.seen, promise.wanted
            ));
        }
    }
}
