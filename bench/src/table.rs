//! Plain tables and sentences on standard output.

use std::io::{Write as _, stdout};

/// Columns padded to their widest cell; numbers stand right, words left.
pub(crate) struct Table {
    title: String,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these column heads.
    pub(crate) fn new(title: &str, heads: &[&str]) -> Self {
        Self { title: title.into(), rows: vec![heads.iter().map(|&head| head.to_owned()).collect()] }
    }

    /// One more row.
    pub(crate) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The whole, on standard output, as Markdown.
    pub(crate) fn print(&self) {
        let width = |column: usize| {
            let lengths = self.rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.rows[0].len()).map(width).collect();
        say(&format!("\n### {}\n", self.title));
        for (index, row) in self.rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().zip(&widths).map(|(cell, &width)| pad(cell, width)).collect();
            say(&format!("| {} |", cells.join(" | ")));
            if index == 0 {
                let rules: Vec<String> = widths.iter().map(|&width| "-".repeat(width)).collect();
                say(&format!("| {} |", rules.join(" | ")));
            }
        }
    }
}

fn pad(cell: &str, width: usize) -> String {
    let is_number = cell.starts_with(|c: char| c.is_ascii_digit());
    if is_number { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
}

/// One line on standard output.
pub(crate) fn say(line: &str) {
    let _ = writeln!(stdout(), "{line}");
}

/// A rate: thousands apart, no fraction above ten.
pub(crate) fn rate(value: f64) -> String {
    if value < 10.0 {
        return format!("{value:.1}");
    }
    let digits = format!("{value:.0}");
    let groups: Vec<&str> =
        digits.as_bytes().rchunks(3).rev().filter_map(|group| std::str::from_utf8(group).ok()).collect();
    groups.join(",")
}

/// A share of a ceiling.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Milliseconds.
pub(crate) fn millis(value: f64) -> String {
    if value < 10.0 { format!("{value:.2} ms") } else { format!("{value:.0} ms") }
}

/// The middle one; of an even number the lower.
pub(crate) fn median(values: &[f64]) -> f64 {
    quantile(values, 0.5)
}

/// The smallest value that at least this share of all does not exceed.
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_grouped_by_thousands() {
        for (value, text) in
            [(3.21, "3.2"), (42.4, "42"), (999.0, "999"), (1000.0, "1,000"), (1_234_567.0, "1,234,567")]
        {
            assert_eq!(rate(value), text);
        }
    }

    #[test]
    fn a_quantile_is_a_value_that_was_seen() {
        let values = [5.0, 1.0, 4.0, 2.0, 3.0];

        assert_eq!(median(&values), 3.0);
        assert_eq!(quantile(&values, 0.95), 5.0);
        assert_eq!(quantile(&values, 0.2), 1.0);
    }
}
