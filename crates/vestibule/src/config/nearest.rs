//! Which known name a misspelt one was meant to be.

/// The candidate nearest to `typed`, when it is near enough to have been meant: a third of its length at most.
///
/// Ties go to the earlier candidate.
pub(super) fn meant(typed: &str, candidates: impl Iterator<Item = String>) -> Option<String> {
    let (distance, candidate) = nearest(typed, candidates)?;
    (distance <= candidate.len().div_ceil(3)).then_some(candidate)
}

/// The candidate nearest to `typed`, however far that is, and how far.
pub(super) fn nearest(typed: &str, candidates: impl Iterator<Item = String>) -> Option<(usize, String)> {
    let with_distance = |candidate: String| (distance(typed, &candidate), candidate);
    candidates.map(with_distance).min_by_key(|(distance, _)| *distance)
}

/// Levenshtein's distance over bytes: keys are ASCII.
fn distance(left: &str, right: &str) -> usize {
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, l) in left.bytes().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, r) in right.bytes().enumerate() {
            let replaced = diagonal + usize::from(l != r);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::meant;

    #[test]
    fn a_slip_of_the_finger_finds_the_key_that_was_meant() {
        let keys = ["smtp.url", "smtp.from", "invitations.lifetime_days", "listen", "public_url"];
        for (typed, wanted) in [
            ("smtp.ulr", Some("smtp.url")),
            ("smtp_from", Some("smtp.from")),
            ("invitation.lifetime_day", Some("invitations.lifetime_days")),
            ("publicurl", Some("public_url")),
            ("listne", Some("listen")),
            ("colour", None),
        ] {
            let found = meant(typed, keys.iter().map(|&key| key.to_owned()));
            assert_eq!(found.as_deref(), wanted, "{typed}");
        }
    }
}
