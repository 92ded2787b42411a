//! The zone of the clock beside the person: `TZ`, else the system's. What cannot be read is none, so UTC.
//!
//! One file is read, and no list of zones is made. Not before the first frame: that waits for no disk.

use crate::zone::Zone;

/// The zone here.
pub(super) fn here() -> Zone {
    from_system().unwrap_or_default()
}

#[cfg(not(unix))]
fn from_system() -> Option<Zone> {
    jiff::tz::TimeZone::try_system().ok().map(Zone::from)
}

#[cfg(unix)]
fn from_system() -> Option<Zone> {
    unix::zone(
        |name| std::env::var(name).ok(),
        std::path::Path::new("/etc/localtime"),
    )
}

#[cfg(unix)]
mod unix {
    use std::fs::{self, File};
    use std::io::Read;
    use std::path::Path;

    use jiff::tz::TimeZone;

    use crate::zone::Zone;

    /// Where systems keep their zones.
    const FOLDERS: [&str; 3] = [
        "/usr/share/zoneinfo",
        "/usr/lib/zoneinfo",
        "/usr/share/lib/zoneinfo",
    ];

    /// Most bytes of a zone: real ones have a few thousand.
    const LARGEST: u64 = 256 << 10;

    /// As the C library reads `TZ`: the path of a file, its name among the system's, or a rule; nothing is UTC.
    pub(super) fn zone(variable: impl Fn(&str) -> Option<String>, system: &Path) -> Option<Zone> {
        let Some(wanted) = variable("TZ") else {
            return file(system);
        };
        let wanted = wanted.strip_prefix(':').unwrap_or(&wanted);
        if wanted.is_empty() {
            return None;
        }
        if wanted.starts_with('/') {
            return file(Path::new(wanted));
        }
        let folder = variable("TZDIR").filter(|folder| !folder.is_empty());
        let folders = folder.as_deref().into_iter().chain(FOLDERS);
        let leads_out = wanted.split('/').any(|part| part == "..");
        folders
            .filter(|_| !leads_out)
            .find_map(|folder| file(&Path::new(folder).join(wanted)))
            .or_else(|| TimeZone::posix(wanted).ok().map(Zone::from))
    }

    fn file(path: &Path) -> Option<Zone> {
        // A pipe would be waited for.
        if !fs::metadata(path).ok()?.is_file() {
            return None;
        }
        let mut bytes = Vec::new();
        let file = File::open(path).ok()?;
        file.take(LARGEST).read_to_end(&mut bytes).ok()?;
        TimeZone::tzif("", &bytes).ok().map(Zone::from)
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use crate::shown::Shown;

        /// A file of a zone that is always three hours and a half ahead, as version 2 of the format has it.
        fn tzif() -> Vec<u8> {
            let mut bytes = Vec::new();
            for version in 0..2 {
                bytes.extend(b"TZif2");
                bytes.extend([0; 15]);
                // Counts: of UT marks, standard marks, leap seconds, transitions, kinds of time, letters.
                for count in [0_u32, 0, 0, 0, 1, 5] {
                    bytes.extend(count.to_be_bytes());
                }
                bytes.extend(12_600_i32.to_be_bytes());
                bytes.extend([0, 0]);
                bytes.extend(b"HERE\0");
                if version == 1 {
                    bytes.extend(b"\nHERE-3:30\n");
                }
            }
            bytes
        }

        #[test]
        fn the_variable_names_a_file_a_zone_or_a_rule_and_else_the_system_does() {
            let folder = tempfile::tempdir().unwrap();
            let place = |name: &str| folder.path().join(name);
            fs::create_dir(place("Made")).unwrap();
            fs::write(place("Made/Up"), tzif()).unwrap();
            fs::write(place("localtime"), tzif()).unwrap();
            fs::write(place("broken"), "TZif").unwrap();
            let path = place("Made/Up").display().to_string();
            let told = |tz: Option<&str>, system: &str| {
                let read = |name: &str| match name {
                    "TZ" => tz.map(str::to_owned),
                    "TZDIR" => Some(folder.path().display().to_string()),
                    _ => None,
                };
                let zone = zone(read, &place(system)).unwrap_or_default();
                zone.moment(&Shown::line("2026-11-23T16:15:24Z"))
            };
            let (here, utc) = ("2026-11-23 19:45:24 HERE", "2026-11-23 16:15:24 UTC");
            for (tz, system, expected) in [
                (None, "localtime", here),
                (Some("Made/Up"), "none", here),
                (Some(":Made/Up"), "none", here),
                (Some(&path), "none", here),
                (Some("HERE-3:30"), "none", here),
                (None, "none", utc),
                (None, "broken", utc),
                (None, "Made", utc),
                (Some(""), "localtime", utc),
                (Some("No/Such"), "localtime", utc),
                (Some("broken"), "localtime", utc),
                (Some("Made/../Made/Up"), "localtime", utc),
            ] {
                assert_eq!(told(tz, system), expected, "{tz:?} {system}");
            }
        }
    }
}
