//! The rules for the name of an app, which is a host name in the machine too.

/// The fewest and the most characters of a name.
const LENGTH: std::ops::RangeInclusive<usize> = 5..=63;

/// What is wrong with a name, if anything is.
pub fn flaw(name: &str) -> Option<&'static str> {
    let known = |c: char| c.is_ascii_alphanumeric() || c == '-';
    if name.is_empty() {
        return Some("type a name for the app");
    }
    if !name.chars().all(known) {
        return Some("only letters, digits and hyphens: the name is a host name too");
    }
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Some("the name begins with a letter");
    }
    if name.ends_with('-') || name.contains("--") {
        return Some("no hyphen at the end, and no two in a row");
    }
    (!LENGTH.contains(&name.len())).then_some("5 to 63 characters")
}

/// A name made from that of a folder; empty where none comes of it.
pub fn suggestion(folder: &str) -> String {
    let mut name = String::new();
    for c in folder.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => name.push(c.to_ascii_lowercase()),
            '-' | '_' | ' ' | '.' if !name.is_empty() && !name.ends_with('-') => name.push('-'),
            _ => (),
        }
    }
    let name = name.trim_matches('-').to_owned();
    if flaw(&name).is_none() {
        name
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_host_name() {
        for good in ["abcde", "a-1-b", "Hello-World", &"a".repeat(63)] {
            assert_eq!(flaw(good), None, "{good}");
        }
        for bad in [
            "",
            "abcd",
            "1abcd",
            "-abcd",
            "abcd-",
            "ab--cd",
            "ab_cd",
            "a b c d",
            "äpfel",
            &"a".repeat(64),
        ] {
            assert!(flaw(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn a_folder_lends_its_name_where_that_will_do() {
        assert_eq!(suggestion("My_App (2)"), "my-app-2");
        assert_eq!(suggestion(".config-files"), "config-files");
        for none in ["", "app", "2024-backups", "東京"] {
            assert_eq!(suggestion(none), "", "{none}");
        }
    }
}
