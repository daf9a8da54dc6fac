//! How long a token lives according to the answer that brought it.

use time::format_description::well_known::Iso8601;
use time::{OffsetDateTime, PrimitiveDateTime};

use super::take::Taken;
use crate::token::StatedLife;

/// Later than any time in seconds that a token could name, so such a number counts milliseconds.
const MILLISECONDS_FROM: f64 = 1e11;

/// The life of the access token, if the answer says it: `expires_in` (seconds), `expires_in_ms`, or
/// `expires_at` as seconds or milliseconds since 1970, as ISO 8601 with or without an offset, or as
/// an HTTP date. What cannot be read says nothing.
pub(crate) fn stated_life(taken: &Taken) -> Option<StatedLife> {
    let number = |name: &str| positive(&taken.text(name)?);
    number("expires_in")
        .map(|seconds| StatedLife::In(whole(seconds)))
        .or_else(|| number("expires_in_ms").map(|millis| StatedLife::In(whole(millis / 1000.0))))
        .or_else(|| point_in_time(&taken.text("expires_at")?).map(StatedLife::At))
}

fn point_in_time(text: &str) -> Option<u64> {
    if let Some(number) = positive(text) {
        let is_millis = number >= MILLISECONDS_FROM;
        return Some(whole(if is_millis { number / 1000.0 } else { number }));
    }
    // Databases write a blank where the standard wants a T.
    let iso = text.trim().replacen(' ', "T", 1);
    let seconds = OffsetDateTime::parse(&iso, &Iso8601::PARSING)
        .or_else(|_| {
            // Without an offset it is the time in Greenwich: no backend studied meant another.
            PrimitiveDateTime::parse(&iso, &Iso8601::PARSING).map(PrimitiveDateTime::assume_utc)
        })
        .map(OffsetDateTime::unix_timestamp)
        .ok();
    if let Some(seconds) = seconds {
        return u64::try_from(seconds).ok();
    }
    let since = httpdate::parse_http_date(text.trim()).ok()?;
    Some(since.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs())
}

fn positive(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| *number >= 0.0 && *number < 1e15)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "bounded by `positive`"
)]
fn whole(number: f64) -> u64 {
    number as u64
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn life(name: &str, value: Value) -> Option<StatedLife> {
        stated_life(&Taken { values: [(name.to_owned(), value)].into() })
    }

    #[test]
    fn a_life_in_seconds_or_milliseconds_may_be_a_number_or_its_text() {
        assert_eq!(life("expires_in", json!(1800)), Some(StatedLife::In(1800)));
        assert_eq!(life("expires_in", json!("1800")), Some(StatedLife::In(1800)));
        assert_eq!(life("expires_in_ms", json!(299_964)), Some(StatedLife::In(299)));
        for nothing in [json!(-1), json!("soon"), json!(1e300)] {
            assert_eq!(life("expires_in", nothing), None);
        }
    }

    #[test]
    fn a_date_is_read_in_every_form_that_backends_write() {
        let same = [
            json!(1_795_000_000),
            json!("1795000000"),
            json!(1_795_000_000_000_u64),
            json!("2026-11-18T11:06:40Z"),
            json!("2026-11-18T05:06:40-06:00"),
            json!("2026-11-18T05:06:40.123456-06:00"),
            json!("2026-11-18T11:06:40+0000"),
            json!("2026-11-18T11:06:40.5"),
            json!("2026-11-18 11:06:40"),
            json!("Wed, 18 Nov 2026 11:06:40 GMT"),
        ];
        for date in same {
            assert_eq!(
                life("expires_at", date.clone()),
                Some(StatedLife::At(1_795_000_000)),
                "{date}"
            );
        }
        for nothing in
            [json!("tomorrow"), json!(""), json!("1969-01-01T00:00:00Z"), json!("2026-13-45")]
        {
            assert_eq!(life("expires_at", nothing.clone()), None, "{nothing}");
        }
    }
}
