//! The events of a log: lines that begin with a time, and what tells that something worked.

use std::ops::Range;
use std::sync::LazyLock;

use jiff::Timestamp;
use regex::bytes::Regex;

use super::line::{line_at, principal};
use super::moment::{Culture, Moment};
use super::named::{self, Named};
use super::sighting::{How, Sighting};
use super::times::{cultural_time, line_time};
use crate::decode::explain::catalogue::is_retryable;
use crate::decode::explain::embedded::table;
use crate::decode::model::Family;
use crate::decode::text::pattern;

/// The phrases of `tables/successes.csv` that undo any refusal: a token came, or Dynamics 365 answered with who calls.
static SUCCESSES: LazyLock<Option<Regex>> = LazyLock::new(|| rows("any"));
/// Those that only tell that a disturbance has passed: a job that goes on after a refused sign-in ends "successfully" too.
static PASSED: LazyLock<Option<Regex>> = LazyLock::new(|| rows("passing"));
/// What makes such a phrase say something else: a negation, a condition or an old run in front of it …
static NOT_BEHIND: LazyLock<Option<Regex>> = LazyLock::new(|| rows("not-behind"));
/// … or a failure after it, in the same line.
static NOT_BEFORE: LazyLock<Option<Regex>> = LazyLock::new(|| rows("not-before"));

/// A line that tells that something failed, behind its name …
static ENDED_BADLY: LazyLock<Option<Regex>> = LazyLock::new(|| rows("ended-badly"));
/// … and one that tells that it ended well.
static ENDED_WELL: LazyLock<Option<Regex>> = LazyLock::new(|| rows("ended-well"));

/// The rows of one kind, as one pattern.
fn rows(kind: &str) -> Option<Regex> {
    let rows = table("successes.csv").lines().skip(1);
    let patterns: Vec<&str> = rows
        .filter_map(|row| row.split_once(','))
        .filter(|(undoes, _)| *undoes == kind)
        .map(|(_, pattern)| pattern)
        .collect();
    pattern::regex(&format!("(?i){}", patterns.join("|")))
}

/// Parts of every phrase: most texts have none, and then the pattern is not built.
const HINTS: [&str; 3] = ["ucce", "cquired", "200"];

/// The events of one text, in its order.
#[derive(Debug, Default)]
pub(crate) struct Events {
    /// Where each begins, and when it was. Empty when the text is no log with several dated failures or successes.
    starts: Vec<(usize, Moment)>,
    /// Where the last success is told, when nothing failed after it.
    success: Option<usize>,
    /// The success only tells that a disturbance has passed.
    is_passing: bool,
}

impl Events {
    /// Reads the events of a text in which these codes were found.
    pub(crate) fn of(text: &str, sightings: &[Sighting]) -> Self {
        let last = sightings.iter().map(|sighting| sighting.offset).max();
        let mut starts = starts(text);
        if starts.is_empty() {
            starts = closed_by_their_times(text, sightings);
        }
        let mut events = Self {
            starts,
            success: None,
            is_passing: false,
        };
        let newest = events.newest(sightings);
        let success = last_success(text, &|found| {
            newest.is_none_or(|newest| answers(text, newest, found))
        });
        events.success = success.filter(|success| match last {
            None => true,
            Some(last) => match (events.millis(*success), events.newest_of(sightings)) {
                (Some(success), Some(failure)) => success >= failure,
                _ => *success > last,
            },
        });
        if events.success.is_none() {
            events.success = events.passed(text, sightings);
            events.is_passing = events.success.is_some();
        }
        let mut dated: Vec<Option<usize>> = sightings
            .iter()
            .map(|sighting| sighting.offset)
            .chain(events.success)
            .map(|offset| events.start(offset))
            .collect();
        dated.sort_unstable();
        dated.dedup();
        // One dated line, or failures above the first, give no order.
        let is_single = sightings.is_empty() && events.success.is_some();
        if dated.iter().flatten().count() < 2 && !is_single {
            events.starts.clear();
            if std::mem::take(&mut events.is_passing) {
                events.success = None;
            }
        }
        events
    }

    /// Where a later event of a log tells that the disturbance has passed, when nothing else failed.
    fn passed(&self, text: &str, sightings: &[Sighting]) -> Option<usize> {
        let failure = self.newest_of(sightings)?;
        let last = sightings.iter().map(|sighting| sighting.offset).max()?;
        let mut codes = sightings.iter().map(|sighting| sighting.code.as_str());
        let success = match codes.all(is_retryable) {
            true => last_passed(text)?,
            false => self.same_ended_well(text, last)?,
        };
        // Within one second the order of the lines decides.
        ((self.millis(success)?, success > last) >= (failure, true)).then_some(success)
    }

    /// Where the very thing that the last failing line names ends well, after it.
    fn same_ended_well(&self, text: &str, failure: usize) -> Option<usize> {
        let line_at = |start: usize| text[start..].lines().next().unwrap_or_default();
        let failed = thing(&ENDED_BADLY, line_at(self.start(failure)?))?;
        let latest = self.starts.iter().rev().map(|(start, _)| *start);
        latest.take_while(|start| *start > failure).find(|start| {
            thing(&ENDED_WELL, line_at(*start)).is_some_and(|thing| thing.eq_ignore_ascii_case(failed))
        })
    }

    /// The newest failure: by its time, else by its place.
    fn newest<'s>(&self, sightings: &'s [Sighting]) -> Option<&'s Sighting> {
        sightings
            .iter()
            .max_by_key(|sighting| (self.millis(sighting.offset), sighting.offset))
    }

    fn newest_of(&self, sightings: &[Sighting]) -> Option<i64> {
        self.millis(self.newest(sightings)?.offset)
    }

    /// True when the events have an order in time.
    pub(crate) fn are_dated(&self) -> bool {
        !self.starts.is_empty()
    }

    /// True when the last thing told is a success that undoes any failure.
    pub(crate) fn ends_well(&self) -> bool {
        self.success.is_some() && !self.is_passing
    }

    /// When the success was that nothing followed, in a dated text.
    pub(crate) fn healed_at(&self) -> Option<&str> {
        self.written(self.success?)
    }

    fn event(&self, offset: usize) -> Option<&(usize, Moment)> {
        let index = self.starts.partition_point(|(start, _)| *start <= offset);
        self.starts.get(index.checked_sub(1)?)
    }

    /// Where the event of a place begins.
    pub(crate) fn start(&self, offset: usize) -> Option<usize> {
        self.event(offset).map(|(start, _)| *start)
    }

    /// Where the next event begins.
    pub(crate) fn end(&self, offset: usize) -> Option<usize> {
        let index = self.starts.partition_point(|(start, _)| *start <= offset);
        self.starts.get(index).map(|(start, _)| *start)
    }

    /// When the event of a place was.
    pub(crate) fn millis(&self, offset: usize) -> Option<i64> {
        self.event(offset).map(|(_, moment)| moment.millis)
    }

    /// The same, as written.
    pub(crate) fn written(&self, offset: usize) -> Option<&str> {
        self.event(offset).map(|(_, moment)| moment.written.as_str())
    }
}

/// The lines that begin with a time. A line of its own for the time of an error is none.
fn starts(text: &str) -> Vec<(usize, Moment)> {
    let mut times = Vec::new();
    let mut named = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let head = line.trim_start();
        let is_detail = head
            .get(..9)
            .is_some_and(|start| start.eq_ignore_ascii_case("timestamp"))
            || (head.starts_with(['{', '<']) && !head.starts_with("<Event"));
        let time = line_time(line.as_bytes()).or_else(|| cultural_time(line.as_bytes()));
        match time {
            _ if is_detail => {}
            Some(time) => times.push((offset, time)),
            None => named.extend(Named::of_line(line.as_bytes()).map(|time| (offset, time))),
        }
        offset += line.len();
    }
    let culture = Culture::of(times.iter().map(|(_, time)| *time), Culture::MonthFirst);
    let moment = |(offset, time): (usize, &str)| Some((offset, Moment::read(time, culture)?));
    let mut starts: Vec<(usize, Moment)> = times.into_iter().filter_map(moment).collect();
    if !named.is_empty() {
        let (offsets, named): (Vec<usize>, Vec<Named<'_>>) = named.into_iter().unzip();
        let moments = named::moments(&named, newest_full_date(text));
        let dated = offsets.into_iter().zip(moments);
        starts.extend(dated.filter_map(|(offset, moment)| Some((offset, moment?))));
        starts.sort_by_key(|(offset, _)| *offset);
    }
    starts
}

/// The errors of Microsoft Entra that stand one below the other, each closed by its own `Timestamp:`; none where all are of
/// one time.
fn closed_by_their_times(text: &str, sightings: &[Sighting]) -> Vec<(usize, Moment)> {
    let spelled = |part: &Range<usize>| {
        sightings.iter().any(|sighting| {
            sighting.how == How::Spelled
                && Family::of(&sighting.code) == Family::Aadsts
                && part.contains(&sighting.offset)
        })
    };
    let mut blocks: Vec<(usize, Moment)> = Vec::new();
    let mut start = 0;
    for place in memchr::memmem::find_iter(text.as_bytes(), b"imestamp").take(MOST_TIMES) {
        let line = text.as_bytes()[place..].split(|byte| *byte == b'\n').next();
        let line = line.unwrap_or_default();
        let time = line_time(line).and_then(|time| Moment::read(time, Culture::DayFirst));
        if let Some(time) = time.filter(|_| spelled(&(start..place))) {
            blocks.push((start, time));
            start = place + line.len();
        }
    }
    let is_of_one_time = blocks.windows(2).all(|two| two[0].1.millis == two[1].1.millis);
    match is_of_one_time {
        true => Vec::new(),
        false => blocks,
    }
}

/// How many of these times are read; a log with more has its times at the start of its lines.
const MOST_TIMES: usize = 500;

/// The newest date with a year, anywhere in a text.
fn newest_full_date(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let years = memchr::memmem::find_iter(bytes, b"20");
    let millis = years.filter_map(|place| {
        let end = (place + FULL_DATE).min(bytes.len());
        let time = line_time(&bytes[place..end])?;
        Some(Moment::read(time, Culture::DayFirst)?.millis)
    });
    Timestamp::from_millisecond(millis.max()?).ok()
}

/// The length of a date with its time to the second.
const FULL_DATE: usize = 19;

/// True when a line tells that something worked.
pub(crate) fn tells_success(line: &[u8]) -> bool {
    SUCCESSES.as_ref().is_some_and(|successes| {
        successes
            .find_iter(line)
            .any(|found| is_plain(line, &found.range()))
    })
}

/// Whether a success can be the answer to a failure: of the same account where both name one; and that a token came answers no
/// refusal by Dynamics 365, which looks at the caller after that.
fn answers(text: &str, failure: &Sighting, success: &Range<usize>) -> bool {
    let told = text.get(success.start..success.start + WHO_AM_I.len());
    let is_of_dataverse = told.is_some_and(|told| told.eq_ignore_ascii_case(WHO_AM_I));
    if Family::of(&failure.code) == Family::Dataverse && !is_of_dataverse {
        return false;
    }
    let whose = |place| principal(line_at(text.as_bytes(), place));
    match (whose(failure.offset), whose(success.start)) {
        (Some(failed), Some(succeeded)) => failed.eq_ignore_ascii_case(succeeded),
        _ => true,
    }
}

/// The request that Dynamics 365 answers with who calls.
const WHO_AM_I: &str = "WhoAmI";

fn last_success(text: &str, is_meant: &dyn Fn(&Range<usize>) -> bool) -> Option<usize> {
    if !HINTS.iter().any(|hint| text.contains(hint)) {
        return None;
    }
    SUCCESSES
        .as_ref()?
        .find_iter(text.as_bytes())
        .map(|found| found.range())
        .filter(|found| is_plain(text.as_bytes(), found) && is_meant(found))
        .last()
        .map(|found| found.start)
}

/// The last place that tells that a disturbance has passed.
fn last_passed(text: &str) -> Option<usize> {
    if !text.contains(HINTS[0]) {
        return None;
    }
    PASSED
        .as_ref()?
        .find_iter(text.as_bytes())
        .filter(|found| is_plain(text.as_bytes(), &found.range()))
        .last()
        .map(|found| found.start())
}

/// What a line says of which it tells the end.
fn thing<'l>(pattern: &Option<Regex>, line: &'l str) -> Option<&'l str> {
    let named = pattern.as_ref()?.captures(line.as_bytes())?.name("thing")?;
    line.get(named.range())
}

/// True when the rest of the line does not make a success of something else.
fn is_plain(text: &[u8], found: &Range<usize>) -> bool {
    let start = memchr::memrchr(b'\n', &text[..found.start]).map_or(0, |end| end + 1);
    let end = memchr::memchr(b'\n', &text[found.end..]).map_or(text.len(), |end| found.end + end);
    let says =
        |pattern: &Option<Regex>, part: &[u8]| pattern.as_ref().is_none_or(|words| words.is_match(part));
    !says(&NOT_BEHIND, &text[start..found.start]) && !says(&NOT_BEFORE, &text[found.end..end])
}

#[cfg(test)]
mod tests {
    use super::{
        ENDED_BADLY, ENDED_WELL, HINTS, NOT_BEFORE, NOT_BEHIND, PASSED, SUCCESSES, last_passed, last_success,
    };
    use crate::decode::explain::embedded::table;
    use crate::decode::model::Ending;
    use crate::decode::single::decode;

    #[test]
    fn only_a_success_that_answers_the_failure_undoes_it() {
        let failure =
            "2026-11-28T06:00:01Z user=svc@contoso.com AADSTS700082: The refresh token has expired\n";
        let refused = "2026-11-28T06:00:01Z {\"error\":{\"code\":\"0x80072560\",\"message\":\"The user is not a member of the organization.\"}}\n";
        for (failure, success, is_over) in [
            (
                failure,
                "2026-11-28T06:05:01Z user=svc@contoso.com acquired access token",
                true,
            ),
            (failure, "2026-11-28T06:05:01Z acquired access token", true),
            (
                failure,
                "2026-11-28T06:05:01Z user=billing@contoso.com acquired access token",
                false,
            ),
            (
                failure,
                "2026-11-28T06:05:01Z authentication was successful? false",
                false,
            ),
            (
                failure,
                "2026-11-28T06:05:01Z if authentication succeeded the job starts",
                false,
            ),
            (refused, "2026-11-28T06:05:01Z acquired access token", false),
            (refused, "2026-11-28T06:05:01Z WhoAmI 200", true),
        ] {
            let ended = decode(&format!("{failure}{success}"))
                .newest
                .map(|newest| newest.outcome);
            let over = ended == Some(Ending::Succeeded);
            assert_eq!(over, is_over, "{failure}{success}");
        }
    }

    #[test]
    fn the_zone_of_a_line_counts() {
        let text = "2026-11-28T10:00:02+01:00 AADSTS50126: x\n2026-11-28T09:30:02Z AADSTS53003: y";
        assert_eq!(decode(text).primary.as_deref(), Some("AADSTS53003"));
    }

    #[test]
    fn the_successes_compile_and_each_has_a_hint() {
        for pattern in [
            &SUCCESSES,
            &PASSED,
            &NOT_BEHIND,
            &NOT_BEFORE,
            &ENDED_BADLY,
            &ENDED_WELL,
        ] {
            assert!(pattern.is_some());
        }
        for row in table("successes.csv").lines().skip(1) {
            let hints = match row.split_once(',').unwrap().0 {
                "any" => &HINTS[..],
                "passing" => &HINTS[..1],
                undoes => {
                    let others = ["not-behind", "not-before", "ended-badly", "ended-well"];
                    assert!(others.contains(&undoes), "{row}");
                    continue;
                }
            };
            assert!(hints.iter().any(|hint| row.contains(hint)), "{row}");
        }
    }

    #[test]
    fn a_disturbance_passes_with_a_job_that_ends_well_and_a_refusal_does_not() {
        let ends = |failure: &str, line: &str| {
            let log = format!("2026-01-02 10:00:01 WARN {failure}\n2026-01-02 10:00:15 INFO {line}\n");
            decode(&log)
                .newest
                .is_some_and(|newest| newest.outcome == Ending::Succeeded)
        };
        let throttled = "Dataverse 429: 0x80072322 Number of requests exceeded the limit of 6000";
        for line in [
            "Retry 1 succeeded (HTTP 204)",
            "Job completed successfully",
            "Request succeeded after 2 retries",
        ] {
            assert!(ends(throttled, line), "{line}");
            assert!(!ends("AADSTS50126: the password is wrong", line), "{line}");
        }
        for line in [
            "Job completed successfully with errors",
            "no job completed successfully",
            "Waiting until the job succeeded",
            "job succeeded: false",
            "last run completed successfully at 09:00",
            "Retry 1 failed",
        ] {
            assert!(!ends(throttled, line), "{line}");
            assert_eq!(last_passed(line), None, "{line}");
        }
        let undated = format!("{throttled}\nJob completed successfully");
        assert_eq!(decode(&undated).newest, None);
    }

    #[test]
    fn a_refusal_is_over_when_the_very_thing_that_failed_ends_well() {
        let refused = "AADSTS65001: The user or administrator has not consented";
        let is_over = |failed: &str, ended: &str| {
            let log = format!("2026-11-01 18:11:29 {failed} {refused}\n2026-11-03 18:11:29 {ended}\n");
            decode(&log)
                .newest
                .is_some_and(|newest| newest.outcome == Ending::Succeeded)
        };
        for (failed, ended) in [
            ("Status: Failed", "Status: Succeeded"),
            (
                "Work 365 Start Job failed:",
                "Work 365 Start Job completed successfully",
            ),
            ("ERROR job 1 failed:", "INFO job 1 succeeded."),
        ] {
            assert!(is_over(failed, ended), "{failed} / {ended}");
        }
        for (failed, ended) in [
            (
                "Work 365 Start Job failed:",
                "Work 365 Price List completed successfully",
            ),
            ("job 1 failed:", "job 11 succeeded"),
            ("job 1 failed:", "job 1 succeeded: false"),
            ("Status: Failed", "Status: Succeeded with errors"),
            ("ERROR", "INFO succeeded"),
        ] {
            assert!(!is_over(failed, ended), "{failed} / {ended}");
        }
    }

    #[test]
    fn errors_below_each_other_have_the_time_that_closes_each() {
        let block = |code: &str, id: &str, time: &str| {
            format!("{code}: x\nCorrelation ID: {id}\nTimestamp: {time}Z\n")
        };
        let (one, two) = (
            "11111111-ad31-4de1-933e-3e3995a7c6cc",
            "22222222-ad31-4de1-933e-3e3995a7c6cc",
        );
        let older = block("AADSTS50126", one, "2026-11-01 08:11:29");
        let newer = block("AADSTS50076", two, "2026-11-02 09:11:29");
        for text in [format!("{older}{newer}"), format!("{newer}{older}")] {
            let decoded = decode(&text);
            assert_eq!(decoded.primary.as_deref(), Some("AADSTS50076"), "{text}");
            assert_eq!(decoded.errors[0].ids["correlation_id"], two, "{text}");
            assert_eq!(decoded.errors[1].ids["correlation_id"], one, "{text}");
        }
        let again = block("AADSTS50076", two, "2026-11-01 08:11:29");
        let decoded = decode(&format!("{older}{again}"));
        assert_eq!(decoded.primary.as_deref(), Some("AADSTS50126"));
        assert_eq!(decoded.newest, None);
    }

    #[test]
    fn a_token_that_came_is_a_success_and_other_successes_are_not() {
        assert!(last_success("=== Token Acquisition finished successfully:", &|_| true).is_some());
        assert!(
            last_success(
                "INFO acquired token for https://contoso.crm4.dynamics.com/.default",
                &|_| true
            )
            .is_some()
        );
        for text in [
            "The file was copied successfully.",
            "Your sign-in was successful but you lack permission",
            "HTTP 200",
        ] {
            assert_eq!(last_success(text, &|_| true), None, "{text}");
        }
    }
}
