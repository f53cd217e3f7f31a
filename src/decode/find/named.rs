//! Times that call the month by its name, as syslog, Java, C's `ctime` and mail headers write them.
//!
//! Syslog's have no year: `Nov 29 05:12:33` (RFC 3164, 4.1.2, <https://www.rfc-editor.org/rfc/rfc3164#section-4.1.2>).
//! Two assumptions give such entries an order: no log is written in advance, and none goes over more than a year. So the
//! year is the latest in which the entry is not later than the newest full date that is known, give or take the day by
//! which time zones differ. Where none is known, the widest gap that the entries leave in the round of a year lies
//! between the newest and the oldest.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use regex::bytes::Regex;

use super::moment::{Culture, Moment};
use super::times::has_shape;
use crate::decode::text::pattern;

/// How much of a line is searched for its time.
const REACH: usize = 80;

/// What every clock has in the middle.
const CLOCK: &[u8] = b"d:dd:d";

/// A year that has every day, for entries of which only the order is known.
const LEAP_YEAR: i16 = 2024;

static FORM: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let month = "(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}";
    let clock = r"\d{1,2}:\d\d:\d\d(?:[.,]\d{1,9})?(?: [ap]m)?";
    pattern::regex(&format!(
        r"(?i)\b(?:(?<m1>{month})\.? {{1,2}}(?<d1>\d{{1,2}})(?:,? (?<y1>(?:19|20)\d\d),?(?: at)?)? (?<c1>{clock})(?: (?:[A-Z]{{3,4}} )?(?<y2>(?:19|20)\d\d))?|(?<d3>\d{{1,2}}) (?<m3>{month})\.?,? (?<y3>(?:19|20)\d\d),? (?<c3>{clock}))(?:[^0-9a-z]|$)"
    ))
});

/// A time with the name of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Named<'t> {
    /// As written, from the month or the day to the end of the clock.
    pub(crate) text: &'t str,
    month: &'t str,
    day: &'t str,
    year: Option<&'t str>,
    clock: &'t str,
}

impl<'t> Named<'t> {
    /// The time at the start of a line.
    pub(crate) fn of_line(line: &'t [u8]) -> Option<Self> {
        let head = &line[..line.len().min(REACH)];
        // Most lines have no clock, and the pattern is dear to make.
        head.windows(CLOCK.len()).find(|text| has_shape(text, CLOCK))?;
        let found = FORM.as_ref()?.captures(head)?;
        let part = |name: &str| {
            found
                .name(name)
                .and_then(|part| std::str::from_utf8(part.as_bytes()).ok())
        };
        let clock = found.name("c1").or_else(|| found.name("c3"))?;
        let end = found.name("y2").map_or(clock.end(), |year| year.end());
        Some(Self {
            text: std::str::from_utf8(&head[found.get(0)?.start()..end]).ok()?,
            month: part("m1").or_else(|| part("m3"))?,
            day: part("d1").or_else(|| part("d3"))?,
            year: part("y1").or_else(|| part("y2")).or_else(|| part("y3")),
            clock: part("c1").or_else(|| part("c3"))?,
        })
    }

    /// When it was, where the year is written.
    pub(crate) fn moment(&self) -> Option<Moment> {
        self.in_year(self.year?)
    }

    /// When it was, if nothing is newer than `newest`.
    pub(crate) fn before(&self, newest: Timestamp) -> Option<Moment> {
        if self.year.is_some() {
            return self.moment();
        }
        let latest = newest.checked_add(SignedDuration::from_hours(24)).ok()?;
        let year = TimeZone::UTC.to_datetime(latest).year();
        // The 29th of February comes every fourth year, and once in a century the eighth.
        (0..=8)
            .filter_map(|back| self.in_year(&(year - back).to_string()))
            .find(|moment| moment.millis <= latest.as_millisecond())
    }

    fn in_year(&self, year: &str) -> Option<Moment> {
        let whole = format!("{} {} {year} {}", self.day, self.month, self.clock);
        Moment::read(&whole, Culture::DayFirst)
    }
}

/// When a written time without a year was, if it is not after `newest`.
pub(crate) fn time_before(written: &str, newest: Timestamp) -> Option<Timestamp> {
    let moment = Named::of_line(written.as_bytes())?.before(newest)?;
    Timestamp::from_millisecond(moment.millis).ok()
}

/// When these were, if nothing is newer than `newest`. Where that is not known either, entries without a year have an
/// order and stay as they are written.
pub(crate) fn moments(times: &[Named<'_>], newest: Option<Timestamp>) -> Vec<Option<Moment>> {
    let nominal = || newest_of_the_round(times).or_else(|| nominal_end(LEAP_YEAR));
    let Some(anchor) = newest.or_else(nominal) else {
        return vec![None; times.len()];
    };
    let moment = |named: &Named<'_>| {
        let mut moment = named.before(anchor)?;
        if newest.is_none() && named.year.is_none() {
            named.text.clone_into(&mut moment.written);
        }
        Some(moment)
    };
    times.iter().map(moment).collect()
}

fn nominal_end(year: i16) -> Option<Timestamp> {
    let civil = DateTime::new(year, 12, 30, 0, 0, 0, 0).ok()?;
    TimeZone::UTC.to_timestamp(civil).ok()
}

/// The entry behind which the widest gap of the year begins, in a year that has all days.
fn newest_of_the_round(times: &[Named<'_>]) -> Option<Timestamp> {
    const YEAR: i64 = 366 * 24 * 3600 * 1000;
    let yearless = times.iter().filter(|named| named.year.is_none());
    let mut round: Vec<i64> = yearless
        .filter_map(|named| Some(named.in_year(&LEAP_YEAR.to_string())?.millis))
        .collect();
    round.sort_unstable();
    let (first, last) = (*round.first()?, *round.last()?);
    let gaps = round.windows(2).map(|pair| (pair[1] - pair[0], pair[0]));
    let (_, newest) = gaps.chain([(first + YEAR - last, last)]).max()?;
    Timestamp::from_millisecond(newest - 24 * 3600 * 1000).ok()
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::{Named, moments};

    fn written(lines: &[&str], newest: Option<&str>) -> Vec<(String, i64)> {
        let times: Vec<Named<'_>> = lines
            .iter()
            .map(|line| Named::of_line(line.as_bytes()).unwrap())
            .collect();
        let newest = newest.map(|newest| newest.parse::<Timestamp>().unwrap());
        let moments = moments(&times, newest).into_iter().flatten();
        moments.map(|moment| (moment.written, moment.millis)).collect()
    }

    #[test]
    fn times_with_the_name_of_a_month_are_found_and_other_words_are_none() {
        for (line, time) in [
            ("Nov 29 05:12:33 host app[7]: x", "Nov 29 05:12:33"),
            ("<34>Nov  9 05:12:33 host su: x", "Nov  9 05:12:33"),
            (
                "Nov 29, 2026 5:12:33 AM com.contoso.Sync run",
                "Nov 29, 2026 5:12:33 AM",
            ),
            (
                "[Sun Nov 29 05:12:33.123456 2026] [error] x",
                "Nov 29 05:12:33.123456 2026",
            ),
            ("29 Nov 2026 05:12:33,123 ERROR x", "29 Nov 2026 05:12:33,123"),
            ("Sun, 29 Nov 2026 05:12:33 GMT x", "29 Nov 2026 05:12:33"),
        ] {
            let found = Named::of_line(line.as_bytes()).map(|named| named.text);
            assert_eq!(found, Some(time), "{line}");
        }
        for line in [
            "may 5 users: 1",
            "Nov 29",
            "mars 5 05:12",
            "10.0.0.1:443 Nov",
            "Nov 29 05:12:33x",
            "",
        ] {
            assert_eq!(Named::of_line(line.as_bytes()), None, "{line}");
        }
    }

    #[test]
    fn the_year_is_the_latest_that_is_not_after_the_newest_full_date() {
        let lines = ["Dec 31 23:59:00 a", "Jan  1 00:01:00 b", "Jan  2 00:30:00 c"];
        let all: Vec<String> = written(&lines, Some("2027-01-01T23:00:00Z"))
            .into_iter()
            .map(|(written, _)| written)
            .collect();
        assert_eq!(
            all,
            [
                "2026-12-31T23:59:00",
                "2027-01-01T00:01:00",
                "2027-01-02T00:30:00"
            ]
        );
        let leap = written(&["Feb 29 10:00:00 a"], Some("2027-01-01T00:00:00Z"));
        assert_eq!(leap[0].0, "2024-02-29T10:00:00");
    }

    #[test]
    fn without_a_full_date_the_order_is_known_and_the_year_is_not() {
        for lines in [
            ["Dec 31 23:59:00 a", "Jan  1 00:01:00 b", "Jan  2 00:30:00 c"],
            ["Nov 28 23:59:00 a", "Nov 29 00:01:00 b", "Nov 29 00:01:01 c"],
        ] {
            let forward = written(&lines, None);
            assert_eq!(forward[0].0, &lines[0][..15]);
            assert!(forward.is_sorted_by_key(|(_, millis)| *millis), "{forward:?}");
            let backward = written(&[lines[2], lines[1], lines[0]], None);
            assert!(backward.is_sorted_by_key(|(_, millis)| -millis), "{backward:?}");
        }
    }
}
