//! Days and moments as templates are given them.

use time::OffsetDateTime;

fn at(unix_seconds: u64) -> OffsetDateTime {
    let seconds = i64::try_from(unix_seconds).unwrap_or(i64::MAX);
    OffsetDateTime::from_unix_timestamp(seconds).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

/// The year, in UTC.
pub(crate) fn year(unix_seconds: u64) -> i32 {
    at(unix_seconds).year()
}

/// As `2026-11-24T09:30:00Z` (RFC 3339).
pub(crate) fn written(unix_seconds: u64) -> String {
    let moment = at(unix_seconds);
    let (hour, minute, second) = moment.to_hms();
    format!("{}T{hour:02}:{minute:02}:{second:02}Z", moment.date())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_written_as_html_reads_them() {
        assert_eq!(written(1_767_225_599), "2025-12-31T23:59:59Z");
        assert_eq!((year(1_767_225_599), year(1_767_225_600)), (2025, 2026));
        assert_eq!(written(u64::MAX), "1970-01-01T00:00:00Z");
    }
}
