//! The name that was probably meant, where there is none of this name. It is said and never taken.

use crate::shown::Shown;

/// Longer names are not compared: nobody mistypes them.
const LONGEST: usize = 100;

/// Letters of which one may be wrong.
const PER_MISTAKE: usize = 3;

/// Letters that are enough for a part of a name.
const PART: usize = 3;

/// Behind a sentence about a name that is not there: the one of these that is nearest, if one is near.
pub(super) fn hint<'n>(name: &str, names: impl IntoIterator<Item = &'n Shown>) -> String {
    let names = names.into_iter().map(Shown::as_str);
    nearest(name, names).map_or_else(String::new, |near| format!("; {near} is near"))
}

fn nearest<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let name = name.trim().to_lowercase();
    let length = name.chars().count();
    if length > LONGEST {
        return None;
    }
    let distance = |other: &str| {
        let other = other.to_lowercase();
        if length >= PART && other.contains(&name) {
            // More is left out than mistyped, and still it is meant.
            return Some(1);
        }
        let distance = strsim::damerau_levenshtein(&name, &other);
        (distance <= length.div_ceil(PER_MISTAKE)).then_some(distance)
    };
    let near = names
        .filter(|other| other.chars().count() <= LONGEST)
        .filter_map(|other| Some((distance(other)?, other)));
    near.min_by_key(|(distance, _)| *distance)
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_near_is_named_and_what_is_not_is_not() {
        let names = ["orders-api", "kv-cache", "mailer", "prod5"].map(Shown::line);
        for (name, expected) in [
            ("orders-ap", "; orders-api is near"),
            ("Order-sapi", "; orders-api is near"),
            ("cache", "; kv-cache is near"),
            ("mialer", "; mailer is near"),
            ("prod6", "; prod5 is near"),
            ("nope", ""),
            ("", ""),
            ("ap", ""),
        ] {
            assert_eq!(hint(name, &names), expected, "{name}");
        }
        assert_eq!(hint(&"x".repeat(10_000), &names), "");
        let endless = Shown::line(&"orders-api".repeat(1000));
        assert_eq!(hint("orders-api", [&endless]), "");
    }
}
