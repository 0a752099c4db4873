//! Time as the servers kept it: ticks, and how exactly a source knew them.

use std::fmt;

/// 100-nanosecond units since 0001-01-01T00:00:00 of the proleptic Gregorian calendar, UTC.
///
/// That is .NET's `DateTime.Ticks`, and what `tblChat.chatDate` holds. Always within
/// [`Ticks::MIN`] to [`Ticks::MAX`] (the end of the year 9999).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ticks(i64);

/// Returned for a number that is no time between the years 1 and 9999.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} ticks is outside the years 1 to 9999 (0 to 3155378975999999999)")]
pub struct TicksOutOfRange(pub i64);

impl Ticks {
    /// The first instant of the year 1.
    pub const MIN: Ticks = Ticks(0);
    /// The last instant of the year 9999.
    pub const MAX: Ticks = Ticks(3_155_378_975_999_999_999);
    /// 1970-01-01T00:00:00Z.
    pub const UNIX_EPOCH: Ticks = Ticks(621_355_968_000_000_000);
    /// Ticks in one second.
    pub const SECOND: i64 = 10_000_000;
    /// Ticks in one millisecond.
    pub const MILLISECOND: i64 = 10_000;
    /// Ticks in a day.
    pub const DAY: i64 = 86_400 * Ticks::SECOND;

    /// Takes a number of ticks.
    ///
    /// # Errors
    /// [`TicksOutOfRange`] for a number outside the years 1 to 9999.
    pub fn new(ticks: i64) -> Result<Ticks, TicksOutOfRange> {
        if (0..=Ticks::MAX.0).contains(&ticks) { Ok(Ticks(ticks)) } else { Err(TicksOutOfRange(ticks)) }
    }

    /// Takes milliseconds since 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`TicksOutOfRange`] for a time outside the years 1 to 9999.
    pub fn from_unix_milliseconds(milliseconds: i64) -> Result<Ticks, TicksOutOfRange> {
        milliseconds
            .checked_mul(Ticks::MILLISECOND)
            .and_then(|ticks| ticks.checked_add(Ticks::UNIX_EPOCH.0))
            .ok_or(TicksOutOfRange(milliseconds))
            .and_then(Ticks::new)
    }

    /// Makes ticks from a calendar date and the ticks since its midnight; `None` for a date that
    /// does not exist or lies outside the years 1 to 9999.
    pub fn from_date(year: i64, month: u32, day: u32, since_midnight: i64) -> Option<Ticks> {
        let month_length = match month {
            4 | 6 | 9 | 11 => 30,
            2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
            2 => 28,
            1..=12 => 31,
            _ => return None,
        };
        let sound = (1..=9999).contains(&year)
            && (1..=month_length).contains(&day)
            && (0..Ticks::DAY).contains(&since_midnight);
        sound.then(|| Ticks(days_before(year, month, day) * Ticks::DAY + since_midnight))
    }

    /// Reads an ISO 8601 time such as `2008-06-04T20:15:40.9535482Z`, or a date alone.
    ///
    /// Takes `T` or one blank between date and time, up to 7 decimals (further ones must be
    /// zeros), seconds and zone optional: no zone means UTC, `+hh:mm` and `-hh:mm` are reckoned in.
    pub fn parse_iso(text: &str) -> Option<Ticks> {
        let (date, time) = match text.split_once(['T', ' ']) {
            Some((date, time)) => (date, time),
            None => (text.strip_suffix('Z').unwrap_or(text), "00:00:00"),
        };
        let mut parts = date.splitn(3, '-');
        let year = digits(parts.next()?, 4)?;
        let month = digits(parts.next()?, 2)?;
        let day = digits(parts.next()?, 2)?;
        let (clock, offset) = match time.find(['Z', '+', '-']) {
            None => (time, 0),
            Some(at) => (&time[..at], zone(&time[at..])?),
        };
        let since_midnight = clock_ticks(clock)?;
        let local = Ticks::from_date(year, month as u32, day as u32, since_midnight)?;
        Ticks::new(local.0 - offset * 60 * Ticks::SECOND).ok()
    }

    /// Returns the number of ticks.
    pub fn get(self) -> i64 {
        self.0
    }

    /// Returns milliseconds since 1970-01-01T00:00:00Z, truncated towards the past.
    pub fn to_unix_milliseconds(self) -> i64 {
        (self.0 - Ticks::UNIX_EPOCH.0).div_euclid(Ticks::MILLISECOND)
    }

    /// Returns year, month, day and the ticks since midnight.
    pub fn to_date(self) -> (i64, u32, u32, i64) {
        let days = self.0.div_euclid(Ticks::DAY);
        // Counted from 0000-03-01, so that the leap day ends the year (Hinnant, "chrono-compatible
        // low-level date algorithms").
        let shifted = days + 306;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (year, month as u32, day as u32, self.0.rem_euclid(Ticks::DAY))
    }
}

/// Shows ISO 8601 in UTC with up to 7 decimals, trailing zeros dropped: `2008-03-12T19:56:40.522264Z`.
impl fmt::Display for Ticks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day, since_midnight) = self.to_date();
        let seconds = since_midnight / Ticks::SECOND;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        let mut fraction = since_midnight % Ticks::SECOND;
        if fraction != 0 {
            let mut width = 7;
            while fraction % 10 == 0 {
                fraction /= 10;
                width -= 1;
            }
            write!(f, ".{fraction:0width$}")?;
        }
        f.write_str("Z")
    }
}

fn days_before(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let month_from_march = i64::from(if month > 2 { month - 3 } else { month + 9 });
    let day_of_year = (153 * month_from_march + 2) / 5 + i64::from(day) - 1;
    year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 306
}

fn digits(text: &str, at_most: usize) -> Option<i64> {
    let sound = !text.is_empty() && text.len() <= at_most && text.bytes().all(|b| b.is_ascii_digit());
    sound.then(|| text.parse().ok()).flatten()
}

fn clock_ticks(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, ':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let (second, fraction) = match parts.next() {
        None => (0, 0),
        Some(seconds) => match seconds.split_once('.') {
            None => (digits(seconds, 2)?, 0),
            Some((seconds, fraction)) => (digits(seconds, 2)?, fraction_ticks(fraction)?),
        },
    };
    let sound = hour < 24 && minute < 60 && second < 60;
    sound.then(|| ((hour * 60 + minute) * 60 + second) * Ticks::SECOND + fraction)
}

fn fraction_ticks(text: &str) -> Option<i64> {
    let (kept, beyond) =
        text.split_at(text.len().min(7).min(text.bytes().take_while(u8::is_ascii_digit).count()));
    let sound = !kept.is_empty() && beyond.bytes().all(|byte| byte == b'0');
    sound.then(|| digits(kept, 7).map(|value| value * 10_i64.pow(7 - kept.len() as u32))).flatten()
}

/// Reads a zone designator into minutes east of Greenwich.
fn zone(text: &str) -> Option<i64> {
    let sign = match text.as_bytes().first()? {
        b'Z' => return (text.len() == 1).then_some(0),
        b'+' => 1,
        _ => -1,
    };
    let (hours, minutes) = text[1..].split_once(':')?;
    let (hours, minutes) = (digits(hours, 2)?, digits(minutes, 2)?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 60 + minutes))
}

/// How exactly a source knew a time. Finer ones are less than coarser ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Precision {
    /// To the tick: a point.
    Ticks,
    /// Truncated to the millisecond.
    Millisecond,
    /// Rounded to 1/300 s, as SQL Server's `datetime` does.
    DateTime,
    /// Truncated to the second.
    Second,
}

impl Precision {
    /// Returns the name used in the package's `Precision` attribute; `None` for exact ticks.
    pub fn name(self) -> Option<&'static str> {
        match self {
            Precision::Ticks => None,
            Precision::Millisecond => Some("ms"),
            Precision::DateTime => Some("datetime"),
            Precision::Second => Some("s"),
        }
    }
}

/// A time together with how exactly it is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Moment {
    /// The time as the source gave it.
    pub ticks: Ticks,
    /// How exactly the source knew it.
    pub precision: Precision,
}

impl Moment {
    /// Returns an exact moment.
    pub fn exact(ticks: Ticks) -> Moment {
        Moment { ticks, precision: Precision::Ticks }
    }

    /// Returns the first and last tick that the true time may have, both included.
    ///
    /// A `datetime` stands for all instants that SQL Server rounds to it: those nearer to its
    /// 1/300 s than to the next. Text shows it rounded to the millisecond (`.003`, `.007`).
    pub fn interval(self) -> (i64, i64) {
        let at = self.ticks.0;
        match self.precision {
            Precision::Ticks => (at, at),
            Precision::Millisecond => (at, at + Ticks::MILLISECOND - 1),
            Precision::DateTime => {
                // One 1/300 s is 100,000/3 ticks; borders lie halfway between two of them.
                let since_second = at % Ticks::SECOND;
                let three_hundredths = (since_second * 3 + 50_000) / 100_000;
                let border = |sixths: i64| (sixths * 100_000 + 5).div_euclid(6) + at - since_second;
                (border(2 * three_hundredths - 1), border(2 * three_hundredths + 1) - 1)
            }
            Precision::Second => (at, at + Ticks::SECOND - 1),
        }
    }

    /// Tells whether two moments may be the same instant.
    pub fn agrees(self, other: Moment) -> bool {
        let (first, last) = self.interval();
        let (other_first, other_last) = other.interval();
        first <= other_last && other_first <= last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_published_triples_hold() {
        for (milliseconds, text, ticks) in [
            (1_212_610_540_953, "2008-06-04T20:15:40.9535482Z", 633_482_073_409_535_482),
            (1_212_610_602_532, "2008-06-04T20:16:42.5324614Z", 633_482_074_025_324_614),
            (1_205_351_800_522, "2008-03-12T19:56:40.522264Z", 633_409_486_005_222_640),
        ] {
            let ticks = Ticks::new(ticks).unwrap();
            assert_eq!(ticks.to_string(), text);
            assert_eq!(Ticks::parse_iso(text), Some(ticks));
            assert_eq!(ticks.to_unix_milliseconds(), milliseconds);
        }
    }

    #[test]
    fn the_calendar_agrees_with_itself_from_year_1_to_9999() {
        assert_eq!(Ticks::MIN.to_string(), "0001-01-01T00:00:00Z");
        assert_eq!(Ticks::MAX.to_string(), "9999-12-31T23:59:59.9999999Z");
        for day in (0..3_652_059).step_by(97) {
            let ticks = Ticks(day * Ticks::DAY + 12_345);
            let (year, month, day, rest) = ticks.to_date();
            assert_eq!(Ticks::from_date(year, month, day, rest), Some(ticks));
        }
    }

    #[test]
    fn dates_that_do_not_exist_are_refused() {
        for text in [
            "2011-02-29",
            "2011-13-01",
            "2011-00-01",
            "0000-01-01",
            "2011-01-01T24:00:00Z",
            "2011-1",
            "x",
            "",
        ] {
            assert_eq!(Ticks::parse_iso(text), None, "{text}");
        }
        assert!(Ticks::new(-1).is_err() && Ticks::new(Ticks::MAX.0 + 1).is_err());
    }

    #[test]
    fn zones_and_missing_parts_are_understood() {
        let noon = Ticks::parse_iso("2012-05-01T12:00:00Z");
        assert_eq!(Ticks::parse_iso("2012-05-01 14:00:00.0000000+02:00"), noon);
        assert_eq!(Ticks::parse_iso("2012-05-01T12:00"), noon);
        assert_eq!(Ticks::parse_iso("2012-05-01").unwrap().to_string(), "2012-05-01T00:00:00Z");
    }

    #[test]
    fn coarse_moments_agree_with_every_instant_they_may_stand_for() {
        let exact = Moment::exact(Ticks(633_482_073_409_535_482));
        let at = |ticks, precision| Moment { ticks: Ticks(ticks), precision };
        assert!(at(633_482_073_409_530_000, Precision::Millisecond).agrees(exact));
        assert!(!at(633_482_073_409_540_000, Precision::Millisecond).agrees(exact));
        assert!(at(633_482_073_400_000_000, Precision::Second).agrees(exact));
        assert!(at(633_482_073_409_530_000, Precision::DateTime).agrees(exact));
        assert!(!at(633_482_073_409_500_000, Precision::DateTime).agrees(exact));
        assert!(!at(633_482_073_409_570_000, Precision::DateTime).agrees(exact));
    }
}
