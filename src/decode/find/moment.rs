//! The times that stand beside an error: at the start of a log's line, and in the cells and fields of exports.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// The longest text that is tried as a time.
const LONGEST: usize = 64;

/// A point in time as a text gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Moment {
    /// Milliseconds since 1970. A time without a zone is taken for one of UTC.
    pub(crate) millis: i64,
    /// As written where that begins with the year; a date of a culture is written anew in that form.
    pub(crate) written: String,
}

/// Whether the day or the month comes first in `5/11/2026`: the same in the whole of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Culture {
    /// `28.11.2026`, `28/11/2026`.
    DayFirst,
    /// `11/28/2026`.
    MonthFirst,
}

impl Culture {
    /// The order that the times of one file speak for: a number above twelve decides, then the order by which they lie
    /// closer together (an export covers days, not a year), then what the separators of the file make likely.
    pub(crate) fn of<'a>(times: impl Iterator<Item = &'a str> + Clone, likely: Self) -> Self {
        for time in times.clone() {
            let Some((first, second)) = day_and_month(time) else {
                continue;
            };
            if first > 12 {
                return Self::DayFirst;
            }
            if second > 12 {
                return Self::MonthFirst;
            }
            if time.contains('.') && !time.contains('/') && time.split('.').count() > 2 {
                return Self::DayFirst;
            }
        }
        let span = |culture| {
            let millis = times
                .clone()
                .filter_map(|time| Some(Moment::read(time, culture)?.millis));
            let (least, most) = millis.fold((i64::MAX, i64::MIN), |(least, most), at| {
                (least.min(at), most.max(at))
            });
            most.saturating_sub(least)
        };
        match span(Self::DayFirst).cmp(&span(Self::MonthFirst)) {
            std::cmp::Ordering::Less => Self::DayFirst,
            std::cmp::Ordering::Greater => Self::MonthFirst,
            std::cmp::Ordering::Equal => likely,
        }
    }
}

/// The first two numbers of a date whose year comes last.
pub(super) fn day_and_month(time: &str) -> Option<(u32, u32)> {
    let parts = parts(time.trim())?;
    match parts.get(..5)? {
        [
            Part::Number(first, 1 | 2),
            Part::Mark('/' | '.' | '-'),
            Part::Number(second, 1 | 2),
            Part::Mark('/' | '.' | '-'),
            Part::Number(_, 4),
        ] => Some((*first, *second)),
        _ => None,
    }
}

/// A piece of a written time.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    /// A number and how many digits it has.
    Number(u32, usize),
    /// A word in small letters.
    Word(String),
    /// Anything else but a blank.
    Mark(char),
}

fn parts(text: &str) -> Option<Vec<Part>> {
    if text.len() > LONGEST {
        return None;
    }
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = |is: fn(char) -> bool| rest.find(|character| !is(character)).unwrap_or(rest.len());
        let length = if first.is_ascii_digit() {
            let length = run(|character| character.is_ascii_digit());
            // A fraction of a second may have more digits than a number holds: the first nine are enough.
            let digits = &rest[..length.min(9)];
            parts.push(Part::Number(digits.parse().ok()?, length));
            length
        } else if first.is_alphabetic() {
            let length = run(char::is_alphabetic);
            parts.push(Part::Word(rest[..length].to_lowercase()));
            length
        } else {
            if !first.is_whitespace() {
                parts.push(Part::Mark(first));
            }
            first.len_utf8()
        };
        rest = &rest[length..];
    }
    Some(parts)
}

impl Moment {
    /// Reads a text that is a time and nothing else, in the forms of Microsoft's exports: ISO 8601, `3/1/2026, 11:43:00.000 AM`,
    /// `28.11.2026 08:00:00`, `Sat, 28 Nov 2026 08:00:00 GMT`, `November 28, 2026 8:00 AM`, and `/Date(1772344800000)/`, as Windows
    /// PowerShell writes JSON.
    pub(crate) fn read(text: &str, culture: Culture) -> Option<Self> {
        let text = text.trim().trim_matches(['"', '\'']);
        if let Some(number) = text.trim_start_matches('\\').strip_prefix("/Date(") {
            let end = number.find([')', '+', '-']).filter(|end| *end > 0)?;
            let millis: i64 = number[..end].parse().ok()?;
            let written = jiff::Timestamp::from_millisecond(millis).ok()?.to_string();
            return Some(Self { millis, written });
        }
        let parts = parts(text)?;
        let mut rest = parts.as_slice();
        let weekday = |word: &str| {
            ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
                .iter()
                .any(|day| word.starts_with(day))
        };
        if let [Part::Word(word), tail @ ..] = rest
            && weekday(word)
        {
            rest = tail.strip_prefix(&[Part::Mark(',')][..]).unwrap_or(tail);
        }
        let ((year, month, day), mut rest, year_first) = date(rest, culture)?;
        // Web servers put a colon between the date and the hour.
        if let [Part::Mark(',' | ':'), tail @ ..] = rest {
            rest = tail;
        }
        if let [Part::Word(word), tail @ ..] = rest
            && matches!(word.as_str(), "t" | "at")
        {
            rest = tail;
        }
        let ((hour, minute, second, nanos), rest) = clock(rest)?;
        let offset = zone(rest)?;
        let civil = DateTime::new(
            i16::try_from(year).ok()?,
            i8::try_from(month).ok()?,
            i8::try_from(day).ok()?,
            i8::try_from(hour).ok()?,
            i8::try_from(minute).ok()?,
            i8::try_from(second).ok()?,
            nanos,
        )
        .ok()
        .filter(|_| (1990..2200).contains(&year))?;
        let millis = TimeZone::UTC.to_timestamp(civil).ok()?.as_millisecond()
            - i64::from(offset.unwrap_or(0)) * 60_000;
        let written = match offset {
            None | Some(0) if year_first => text.to_owned(),
            None => civil.to_string(),
            Some(0) => format!("{civil}Z"),
            Some(_) => jiff::Timestamp::from_millisecond(millis).ok()?.to_string(),
        };
        Some(Self { millis, written })
    }

    /// Seconds or milliseconds since 1970, in a field that holds a time.
    pub(crate) fn of_epoch(text: &str) -> Option<Self> {
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let is_number = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number(whole) || !is_number(fraction) {
            return None;
        }
        let number: i64 = whole.parse().ok()?;
        let millis = match whole.len() {
            10 => number * 1000 + format!("{fraction:0<3}").get(..3)?.parse::<i64>().ok()?,
            13 => number,
            16 => number / 1000,
            19 => number / 1_000_000,
            _ => return None,
        };
        let written = jiff::Timestamp::from_millisecond(millis).ok()?.to_string();
        Some(Self { millis, written })
    }

    /// The same time, said to be of UTC: the heading of its column says so.
    pub(crate) fn of_utc(mut self) -> Self {
        if self.written.ends_with(|last: char| last.is_ascii_digit()) {
            self.written.push('Z');
        }
        self
    }
}

type Date = (u32, u32, u32);

fn date(parts: &[Part], culture: Culture) -> Option<(Date, &[Part], bool)> {
    use Part::{Mark, Number, Word};
    match parts {
        [
            Number(year, 4),
            Mark('-' | '/' | '.'),
            Number(month, 1 | 2),
            Mark('-' | '/' | '.'),
            Number(day, 1 | 2),
            rest @ ..,
        ] => Some(((*year, *month, *day), rest, true)),
        [
            Number(first, 1 | 2),
            Mark('-' | '/' | '.'),
            Number(second, 1 | 2),
            Mark('-' | '/' | '.'),
            Number(year, 4),
            rest @ ..,
        ] => {
            let (day, month) = match culture {
                Culture::DayFirst => (*first, *second),
                Culture::MonthFirst => (*second, *first),
            };
            Some(((*year, month, day), rest, false))
        }
        [Number(day, 1 | 2), Word(word), Number(year, 4), rest @ ..]
        | [
            Number(day, 1 | 2),
            Mark('-' | '/'),
            Word(word),
            Mark('-' | '/'),
            Number(year, 4),
            rest @ ..,
        ]
        | [
            Number(day, 1 | 2),
            Mark('.'),
            Word(word),
            Number(year, 4),
            rest @ ..,
        ]
        | [
            Word(word),
            Number(day, 1 | 2),
            Mark(','),
            Number(year, 4),
            rest @ ..,
        ]
        | [Word(word), Number(day, 1 | 2), Number(year, 4), rest @ ..] => {
            Some(((*year, month_called(word)?, *day), rest, false))
        }
        _ => None,
    }
}

/// The number of a month by its first letters, in the languages that exports are met in.
fn month_called(word: &str) -> Option<u32> {
    const MONTHS: [&[&str]; 12] = [
        &["jan", "ene", "gen"],
        &["feb", "fev", "fév"],
        &["mar", "mär", "maa", "mrt"],
        &["apr", "avr", "abr"],
        &["may", "mai", "mei", "mag"],
        &["jun", "juin", "giu"],
        &["jul", "juil", "lug"],
        &["aug", "aoû", "ago"],
        &["sep", "set"],
        &["oct", "okt", "ott", "out"],
        &["nov"],
        &["dec", "dez", "dic", "déc"],
    ];
    let place = MONTHS
        .iter()
        .position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u32::try_from(place + 1).ok()
}

type Clock = (u32, u32, u32, i32);

fn clock(parts: &[Part]) -> Option<(Clock, &[Part])> {
    use Part::{Mark, Number, Word};
    let (hour, minute, mut rest) = match parts {
        [] => return Some(((0, 0, 0, 0), parts)),
        [Number(hour, 1 | 2), Mark(':'), Number(minute, 2), rest @ ..] => (*hour, *minute, rest),
        _ => return None,
    };
    let (mut second, mut nanos) = (0, 0);
    if let [Mark(':'), Number(number, 1 | 2), tail @ ..] = rest {
        (second, rest) = (*number, tail);
        if let [Mark('.' | ','), Number(fraction, digits), tail @ ..] = rest {
            let digits = u32::try_from((*digits).min(9)).ok()?;
            nanos = i32::try_from(u64::from(*fraction) * 10_u64.pow(9 - digits)).ok()?;
            rest = tail;
        }
    }
    let half = match rest {
        [Word(word), tail @ ..] if matches!(word.as_str(), "am" | "pm") => Some((word == "pm", tail)),
        [Word(word), Mark('.'), Word(m), Mark('.'), tail @ ..]
            if m == "m" && matches!(word.as_str(), "a" | "p") =>
        {
            Some((word == "p", tail))
        }
        _ => None,
    };
    let hour = match half {
        None => hour,
        Some((afternoon, tail)) => {
            rest = tail;
            hour % 12 + if afternoon { 12 } else { 0 }
        }
    };
    Some(((hour, minute, second, nanos), rest))
}

/// The minutes east of Greenwich at the end of a time; none when it names no zone.
fn zone(parts: &[Part]) -> Option<Option<i32>> {
    use Part::{Mark, Number, Word};
    let minutes = |hours: u32, minutes: u32, sign: char| {
        let east = i32::try_from(hours * 60 + minutes).ok()?;
        Some(Some(if sign == '-' { -east } else { east }))
    };
    match parts {
        [] => Some(None),
        [Word(word)] if matches!(word.as_str(), "z" | "utc" | "gmt") => Some(Some(0)),
        [Mark('('), Word(word), Mark(')')] if word == "utc" => Some(Some(0)),
        [
            Mark(sign @ ('+' | '-')),
            Number(hours, 1 | 2),
            Mark(':'),
            Number(of_hour, 2),
        ] => minutes(*hours, *of_hour, *sign),
        [Mark(sign @ ('+' | '-')), Number(both, 4)] => minutes(both / 100, both % 100, *sign),
        [Mark(sign @ ('+' | '-')), Number(hours, 2)] => minutes(*hours, 0, *sign),
        _ => None,
    }
}
