//! When something was, as a person reads it: in the zone of the clock beside them, which is named wherever a date is
//! told.
//!
//! The zone is handed in, and so is every instant, in the service's words. What cannot be read as an instant is shown
//! as it was told. What time it is now, and where the zone comes from, is not known here; reports, JSON and files are
//! not its business either: they keep the words of the service, which are in UTC.

use jiff::Timestamp;
use jiff::tz::{Offset, TimeZone, TimeZoneOffsetInfo};

use crate::shown::Shown;

/// The rule by which clocks are set somewhere. As long as none is known it is UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

impl Default for Zone {
    fn default() -> Self {
        Self(TimeZone::UTC)
    }
}

impl From<TimeZone> for Zone {
    fn from(zone: TimeZone) -> Self {
        Self(zone)
    }
}

impl Zone {
    /// `2026-11-28`: the day it was there.
    pub fn day(&self, told: &Shown) -> String {
        self.local(told, "%Y-%m-%d")
    }

    /// `10:25:29`: the time of day it was there.
    pub fn time(&self, told: &Shown) -> String {
        self.local(told, "%H:%M:%S")
    }

    /// `2026-11-28 10:25:29 CET`: all of it.
    pub fn moment(&self, told: &Shown) -> String {
        match self.name(told) {
            Some(name) => format!("{} {name}", self.local(told, "%Y-%m-%d %H:%M:%S")),
            None => told.to_string(),
        }
    }

    /// What clocks there call their time at this instant: `CET`, or `-03:00` where that has no letters.
    pub fn name(&self, told: &Shown) -> Option<String> {
        instant(told).map(|at| name(&self.0.to_offset_info(at)))
    }

    fn local(&self, told: &Shown, form: &str) -> String {
        instant(told).map_or_else(
            || told.to_string(),
            |at| {
                at.to_zoned_datetime(self.0.clone())
                    .strftime(form)
                    .to_string()
            },
        )
    }
}

fn instant(told: &Shown) -> Option<Timestamp> {
    told.as_str().parse().ok()
}

fn name(here: &TimeZoneOffsetInfo<'_>) -> String {
    let letters = here.abbreviation();
    // Of what a file of zones may hold, only what is a name is shown.
    if !letters.is_empty() && letters.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return letters.to_owned();
    }
    offset(here.offset())
}

fn offset(offset: Offset) -> String {
    let minutes = offset.seconds() / 60;
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By its rule, so that no file of the machine is needed.
    fn zone(rule: &str) -> Zone {
        TimeZone::posix(rule).unwrap().into()
    }

    fn all(zone: &Zone, told: &str) -> (String, String, String) {
        let told = Shown::line(told);
        (zone.day(&told), zone.time(&told), zone.moment(&told))
    }

    fn said(day: &str, time: &str, name: &str) -> (String, String, String) {
        (day.into(), time.into(), format!("{day} {time} {name}"))
    }

    #[test]
    fn without_a_zone_it_is_utc_and_says_so() {
        let told = "2026-11-23T16:15:24.123456Z";
        let utc = said("2026-11-23", "16:15:24", "UTC");
        assert_eq!(all(&Zone::default(), told), utc);
        let other_words = "2026-11-23T17:15:24+01:00";
        assert_eq!(all(&Zone::default(), other_words), utc);
    }

    #[test]
    fn a_day_may_begin_earlier_or_later_than_in_utc_and_by_half_an_hour() {
        let india = zone("IST-5:30");
        let told = "2026-11-23T18:29:59Z";
        assert_eq!(all(&india, told), said("2026-11-23", "23:59:59", "IST"));
        let told = "2026-11-23T18:30:00Z";
        assert_eq!(all(&india, told), said("2026-11-24", "00:00:00", "IST"));
        let brazil = zone("<-03>3");
        let told = "2026-11-24T02:59:59Z";
        assert_eq!(all(&brazil, told), said("2026-11-23", "23:59:59", "-03:00"));
        let nepal = zone("<+0545>-5:45");
        let told = "2026-11-24T00:00:00Z";
        assert_eq!(all(&nepal, told), said("2026-11-24", "05:45:00", "+05:45"));
    }

    #[test]
    fn clocks_that_are_set_back_show_an_hour_twice_under_two_names() {
        let berlin = zone("CET-1CEST,M3.5.0,M10.5.0/3");
        for (told, time, name) in [
            ("2026-10-25T00:30:00Z", "02:30:00", "CEST"),
            ("2026-10-25T01:30:00Z", "02:30:00", "CET"),
        ] {
            assert_eq!(all(&berlin, told), said("2026-10-25", time, name));
        }
        for (told, time, name) in [
            ("2026-03-29T00:59:59Z", "01:59:59", "CET"),
            ("2026-03-29T01:00:00Z", "03:00:00", "CEST"),
        ] {
            assert_eq!(all(&berlin, told), said("2026-03-29", time, name));
        }
    }

    #[test]
    fn what_is_no_instant_is_shown_as_it_was_told() {
        // Without an offset nobody knows when that was.
        for told in [
            "yesterday",
            "",
            "2026-11-23",
            "2026-11-23T16:15:24",
            "\u{1b}[",
        ] {
            let shown = Shown::line(told);
            let same = shown.to_string();
            let zone = zone("CET-1");
            assert_eq!(all(&zone, told), (same.clone(), same.clone(), same));
            assert_eq!(zone.name(&shown), None);
        }
    }
}
