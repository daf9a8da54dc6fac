//! The time of a line, in UTC with microseconds (RFC 3339). All but the fraction is the same for every line of
//! a second, so each thread keeps it.

use std::cell::RefCell;
use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use time::OffsetDateTime;
use tracing_subscriber::fmt::format::Writer;

/// `2026-11-24T03:22:01` and the second that it is.
struct Second {
    at: u64,
    text: String,
}

thread_local! {
    static LATEST: RefCell<Second> = const { RefCell::new(Second { at: u64::MAX, text: String::new() }) };
}

#[expect(
    clippy::disallowed_methods,
    reason = "a line says when it was written, whatever a test's clock says"
)]
pub(super) fn write(writer: &mut Writer<'_>) -> fmt::Result {
    write_at(writer, SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn write_at(writer: &mut Writer<'_>, since_1970: Duration) -> fmt::Result {
    LATEST.with_borrow_mut(|latest| {
        if latest.at != since_1970.as_secs() {
            *latest =
                Second { at: since_1970.as_secs(), text: date_and_time(since_1970.as_secs()) };
        }
        writer.write_str(&latest.text)
    })?;
    let mut fraction = *b".000000Z";
    let mut micros = since_1970.subsec_micros();
    for digit in fraction[1..7].iter_mut().rev() {
        *digit = b'0' + u8::try_from(micros % 10).unwrap_or_default();
        micros /= 10;
    }
    writer.write_str(str::from_utf8(&fraction).unwrap_or_default())
}

fn date_and_time(seconds: u64) -> String {
    let seconds = i64::try_from(seconds).unwrap_or(i64::MAX);
    let time = OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let (year, month, day) = (time.year(), u8::from(time.month()), time.day());
    let (hour, minute, second) = (time.hour(), time.minute(), time.second());
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_its_own_time_whichever_second_was_written_before() {
        let written = |seconds, micros| {
            let mut line = String::new();
            let time = Duration::from_secs(seconds) + Duration::from_micros(micros);
            write_at(&mut Writer::new(&mut line), time).unwrap();
            line
        };
        assert_eq!(written(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(written(1_800_000_000, 7), "2027-01-15T08:00:00.000007Z");
        assert_eq!(written(1_800_000_000, 999_999), "2027-01-15T08:00:00.999999Z");
        assert_eq!(written(1_709_210_096, 217_582), "2024-02-29T12:34:56.217582Z");
    }
}
