//! `encrypt`: the values of an env file, sealed for an app's key.

use serde_json::json;

use super::Report;
use crate::trust::env_blob::{EnvKey, seal};
use crate::trust::{dotenv, env_limits};

/// Seals what a `.env` text says. `Err` says why not, in a sentence without a value; what a machine would not boot with
/// is not sealed either.
pub fn report(key: &EnvKey, text: &str) -> Result<Report, String> {
    let reading = dotenv::read(text);
    if let Some(problem) = reading.problems.first() {
        return Err(format!("{problem}"));
    }
    let entries: Vec<_> = reading
        .entries
        .into_iter()
        .map(|entry| (entry.name, entry.value))
        .collect();
    let pairs = entries.iter().map(|(name, value)| (name.as_str(), value));
    if let Some(stop) = env_limits::remarks(pairs)
        .into_iter()
        .find(|remark| remark.kind.stops_boot())
    {
        return Err(stop.to_string());
    }
    let sealed = seal(key, &entries).map_err(|why| why.to_string())?;
    let names: Vec<&str> = entries.iter().map(|(name, _)| name.as_str()).collect();
    Ok(Report {
        json: json!({ "encrypted_env": sealed.hex(), "names": names }),
        lines: vec![sealed.hex().to_owned()],
        is_good: true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

    #[test]
    fn a_blob_has_the_names_and_no_value_in_sight() {
        let key = EnvKey::parse(KEY).unwrap();
        let report = report(&key, "A=canary-1\nB='canary-2'\n").unwrap();
        assert_eq!(report.json["names"], json!(["A", "B"]));
        assert!(!format!("{report:?}").contains("canary"));
        assert_eq!(
            report.lines,
            [report.json["encrypted_env"].as_str().unwrap()]
        );
    }

    #[test]
    fn what_a_machine_would_not_boot_with_is_not_sealed() {
        let key = EnvKey::parse(KEY).unwrap();
        let why = |text: &str| report(&key, text).unwrap_err();
        let three = |bytes| format!("A={0}\nB={0}\nC={0}\n", "x".repeat(bytes));
        let large = why(&three(100_000));
        assert!(large.contains("the host copies 262144"), "{large}");
        let long = why(&format!("A=1\nB={}\n", "x".repeat(131_073)));
        assert!(long.starts_with("B: the value has 131073"), "{long}");
        assert!(report(&key, &three(80_000)).is_ok());
    }

    #[test]
    fn a_line_that_cannot_be_read_seals_nothing() {
        let key = EnvKey::parse(KEY).unwrap();
        let why = report(&key, "A=1\ncanary line\n").unwrap_err();
        assert!(why.contains("line 2") && !why.contains("canary"), "{why}");
    }
}
