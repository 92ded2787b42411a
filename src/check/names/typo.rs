//! Guesses which name was meant: two names that differ by a slip of the finger.

use super::{NameState, NameVerdict};

/// Shorter names differ by a slip all the time.
const LEAST_LENGTH: usize = 4;
/// With more rows on each side than this, guessing would be felt while typing.
const MOST_ROWS: usize = 300;

/// Fills in `typo_of` for names nobody uses and for names nobody gave.
pub(super) fn guess(rows: &mut [NameState]) {
    let is_stray = |row: &NameState| row.given && row.need.is_none() && row.used_by.is_empty();
    let strays: Vec<usize> = (0..rows.len())
        .filter(|&at| is_stray(&rows[at]))
        .take(MOST_ROWS)
        .collect();
    let wanted: Vec<usize> = (0..rows.len())
        .filter(|&at| rows[at].need.is_some())
        .take(MOST_ROWS)
        .collect();
    for &stray in &strays {
        let close = |&&at: &&usize| slips(&rows[stray].name, &rows[at].name).is_some();
        // A missing name is the likelier one to have been meant.
        let rank = |&&at: &&usize| {
            (
                rows[at].state != NameVerdict::Missing,
                slips(&rows[stray].name, &rows[at].name),
            )
        };
        let Some(&meant) = wanted.iter().filter(close).min_by_key(rank) else {
            continue;
        };
        rows[stray].typo_of = Some(rows[meant].name.clone());
        if rows[meant].state == NameVerdict::Missing && rows[meant].typo_of.is_none() {
            rows[meant].typo_of = Some(rows[stray].name.clone());
        }
    }
}

/// The known name that is a slip away from this one, the nearest first.
pub fn meant<'known>(name: &str, known: &[&'known str]) -> Option<&'known str> {
    let close = known.iter().copied();
    let close = close.filter_map(|known| Some((slips(name, known)?, known)));
    close
        .min_by_key(|(slips, _)| *slips)
        .map(|(_, known)| known)
}

/// One or two slips between two different names; `None` when they differ by more, or are too short to tell.
fn slips(one: &str, other: &str) -> Option<usize> {
    let shorter = one.len().min(other.len());
    let most = if shorter >= 2 * LEAST_LENGTH { 2 } else { 1 };
    if shorter < LEAST_LENGTH || one.len().abs_diff(other.len()) > most {
        return None;
    }
    let one = one.to_ascii_uppercase();
    let other = other.to_ascii_uppercase();
    let count = strsim::osa_distance(&one, &other);
    (count <= most).then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_finger_are_counted() {
        assert_eq!(slips("DATABSE_URL", "DATABASE_URL"), Some(1));
        assert_eq!(slips("DATABAES_URL", "DATABASE_URL"), Some(1));
        assert_eq!(slips("database_url", "DATABASE_URL"), Some(0));
        assert_eq!(slips("REDIS_URL", "DATABASE_URL"), None);
        assert_eq!(slips("PORT", "PART"), Some(1));
        assert_eq!(slips("PORT", "PAST"), None);
        assert_eq!(slips("A1", "A2"), None);
    }
}
