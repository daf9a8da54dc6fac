//! Values with a unit, and the schema of values that must not be seen.

use std::borrow::Cow;
use std::time::Duration;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time as it is written: `"5m"`, `"1h30m"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Period(pub(crate) Duration);

/// A number of bytes as it is written: `"1MiB"`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size(pub(crate) usize);

/// Stands in the schema for [`Secret`](crate::secret::Secret), so that the walk over the document
/// knows what to blot out.
pub(crate) struct SecretText;

/// Why a text is not a value with a unit, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnitMistake {
    pub(crate) message: String,
    pub(crate) help: String,
}

const TIME_UNITS: [(&str, u64); 6] = [
    ("ms", 1),
    ("s", 1000),
    ("m", 60_000),
    ("h", 3_600_000),
    ("d", 86_400_000),
    ("w", 604_800_000),
];

const SIZE_UNITS: [(&str, u64); 7] = [
    ("B", 1),
    ("KB", 1000),
    ("KiB", 1024),
    ("MB", 1_000_000),
    ("MiB", 1024 * 1024),
    ("GB", 1_000_000_000),
    ("GiB", 1024 * 1024 * 1024),
];

impl Period {
    pub(crate) const fn seconds(seconds: u64) -> Self {
        Self(Duration::from_secs(seconds))
    }

    pub(crate) fn parse(text: &str) -> Result<Self, UnitMistake> {
        let millis = sum(text, &TIME_UNITS, "duration", ("30s", "1h30m"))?;
        Ok(Self(Duration::from_millis(millis)))
    }
}

impl Size {
    pub(crate) fn parse(text: &str) -> Result<Self, UnitMistake> {
        let bytes = sum(text, &SIZE_UNITS, "size", ("1MiB", "512KiB"))?;
        Ok(Self(usize::try_from(bytes).unwrap_or(usize::MAX)))
    }
}

/// How a duration is written, in days and less: the inverse of [`Period::parse`].
pub(crate) fn write_period(duration: Duration) -> String {
    let mut rest = u64::try_from(duration.as_millis()).unwrap_or(u64::MAX);
    let mut out = String::new();
    // Days are easier to compare than weeks.
    for (unit, millis) in TIME_UNITS.iter().rev().skip(1) {
        if rest >= *millis {
            out.push_str(&(rest / millis).to_string());
            out.push_str(unit);
            rest %= millis;
        }
    }
    if out.is_empty() { "0s".to_owned() } else { out }
}

/// How a size is written: the inverse of [`Size::parse`].
pub(crate) fn write_size(bytes: usize) -> String {
    match bytes {
        0 => "0B".to_owned(),
        _ if bytes.is_multiple_of(1024 * 1024) => format!("{}MiB", bytes / (1024 * 1024)),
        _ if bytes.is_multiple_of(1024) => format!("{}KiB", bytes / 1024),
        _ => format!("{bytes}B"),
    }
}

/// Adds up pairs of a number and a unit.
fn sum(
    text: &str,
    units: &[(&str, u64)],
    what: &str,
    examples: (&str, &str),
) -> Result<u64, UnitMistake> {
    let names = units.iter().map(|(unit, _)| *unit).collect::<Vec<_>>().join(", ");
    let advice = format!("write for example \"{}\" or \"{}\"", examples.0, examples.1);
    let mut rest = text.trim();
    if rest.is_empty() {
        return Err(UnitMistake { message: format!("an empty {what}"), help: advice });
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at(digits);
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at(letters);
        if number.is_empty() {
            return Err(UnitMistake {
                message: format!("\"{text}\" is not a {what}"),
                help: format!("{advice}; the units are {names}"),
            });
        }
        if unit.is_empty() && after.is_empty() && number == text.trim() {
            return Err(no_unit(text, what));
        }
        if unit.is_empty() {
            return Err(UnitMistake {
                message: format!("\"{text}\" is not a {what}"),
                help: format!("{advice}; the units are {names}"),
            });
        }
        let Some((_, factor)) = units.iter().find(|(name, _)| *name == unit) else {
            let meant = units.iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
            return Err(UnitMistake {
                message: format!("`{unit}` is not a unit of a {what}"),
                help: match meant {
                    Some((name, _)) => format!("write `{name}`; the units are {names}"),
                    None => format!("the units are {names}"),
                },
            });
        };
        total = number
            .parse::<u64>()
            .ok()
            .and_then(|number| number.checked_mul(*factor))
            .and_then(|part| total.checked_add(part))
            .ok_or_else(|| UnitMistake {
                message: format!("\"{text}\" is more than fits"),
                help: advice.clone(),
            })?;
        rest = after.trim_start();
    }
    Ok(total)
}

/// The mistake of a bare number, with the values that may have been meant.
pub(crate) fn no_unit(number: &str, what: &str) -> UnitMistake {
    let number = number.trim();
    let help = if what == "size" {
        format!("write \"{number}B\", \"{number}KiB\" or \"{number}MiB\", whichever you mean")
    } else {
        format!("write \"{number}s\" (or \"{number}ms\" or \"{number}m\" if you meant that)")
    };
    UnitMistake { message: format!("the {what} {number} has no unit"), help }
}

macro_rules! written_as_text {
    ($name:ident, $write:ident, $format:literal, $example:literal) => {
        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&$write(self.0))
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = String::deserialize(deserializer)?;
                Self::parse(&text).map_err(|mistake| D::Error::custom(mistake.message))
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                json_schema!({ "type": "string", "format": $format, "examples": [$example] })
            }
        }
    };
}

written_as_text!(Period, write_period, "period", "5m");
written_as_text!(Size, write_size, "size", "1MiB");

impl JsonSchema for SecretText {
    fn schema_name() -> Cow<'static, str> {
        "Secret".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "secret", "writeOnly": true })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_add_up_and_are_written_back() {
        for (text, millis) in [
            ("5m", 300_000),
            ("1h30m", 5_400_000),
            ("1h 30m", 5_400_000),
            ("0s", 0),
            ("250ms", 250),
            ("1w", 604_800_000),
        ] {
            let period = Period::parse(text).unwrap();
            assert_eq!(period.0, Duration::from_millis(millis), "{text}");
            assert_eq!(Period::parse(&write_period(period.0)), Ok(period));
        }
        assert_eq!(write_period(Duration::from_mins(90)), "1h30m");
    }

    #[test]
    fn a_number_without_a_unit_is_answered_with_one() {
        let mistake = Period::parse("30").unwrap_err();
        assert!(mistake.help.contains("\"30s\""), "{}", mistake.help);
        for bad in
            ["", "s", "5 minutes", "1.5h", "-1s", "99999999999999999999s", "5M", "30 ", "5 s x"]
        {
            assert!(Period::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn sizes_know_both_kinds_of_kilo() {
        assert_eq!(Size::parse("1KiB"), Ok(Size(1024)));
        assert_eq!(Size::parse("1KB"), Ok(Size(1000)));
        for (bytes, text) in [(0, "0B"), (1000, "1000B"), (1024 * 512, "512KiB"), (1 << 20, "1MiB")]
        {
            assert_eq!(write_size(bytes), text);
            assert_eq!(Size::parse(text), Ok(Size(bytes)));
        }
        assert!(Size::parse("1mib").unwrap_err().help.contains("`MiB`"));
    }
}
