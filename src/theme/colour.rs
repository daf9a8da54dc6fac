//! Colours: what an option of a theme may say, and how well two of them read on each other.

use std::fmt;

use serde_json::{Value, json};

/// A colour of sRGB, without transparency: only of such is the contrast known beforehand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rgb([u8; 3]);

impl Rgb {
    pub(crate) const BLACK: Self = Self([0; 3]);
    pub(crate) const WHITE: Self = Self([255; 3]);

    /// Reads `#rgb` or `#rrggbb`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#')?;
        if !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let number = u32::from_str_radix(digits, 16).ok()?;
        let [_, red, green, blue] = number.to_be_bytes();
        match digits.len() {
            6 => Some(Self([red, green, blue])),
            3 => Some(Self([green & 15, blue >> 4, blue & 15].map(|digit| digit * 17))),
            _ => None,
        }
    }

    /// The contrast of two colours by WCAG 2: from 1 to 21.
    pub(crate) fn contrast(self, other: Self) -> f64 {
        let (one, two) = (self.luminance(), other.luminance());
        (one.max(two) + 0.05) / (one.min(two) + 0.05)
    }

    /// Black or white, whichever reads better on it.
    pub(crate) fn readable(self) -> Self {
        if self.contrast(Self::WHITE) >= self.contrast(Self::BLACK) {
            Self::WHITE
        } else {
            Self::BLACK
        }
    }

    fn luminance(self) -> f64 {
        let linear = |channel: u8| {
            let value = f64::from(channel) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        let [red, green, blue] = self.0.map(linear);
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }
}

impl fmt::Display for Rgb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [red, green, blue] = self.0;
        write!(f, "#{red:02x}{green:02x}{blue:02x}")
    }
}

/// A colour for each of the two modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Colours {
    pub light: Rgb,
    pub dark: Rgb,
}

impl Colours {
    /// Reads `"#0b5fff"`, which is for both modes, or `{ light = "#0b5fff", dark = "#7aa2ff" }`.
    pub(crate) fn parse(value: &Value) -> Option<Self> {
        if let Some(text) = value.as_str() {
            let both = Rgb::parse(text)?;
            return Some(Self { light: both, dark: both });
        }
        let table = value.as_object().filter(|table| table.len() == 2)?;
        let of = |mode: &str| Rgb::parse(table.get(mode)?.as_str()?);
        Some(Self { light: of("light")?, dark: of("dark")? })
    }

    /// As templates and other options see it.
    pub(crate) fn json(self) -> Value {
        json!({ "light": self.light.to_string(), "dark": self.dark.to_string() })
    }

    /// What reads better on it in each mode.
    pub(crate) fn readable(self) -> Self {
        Self { light: self.light.readable(), dark: self.dark.readable() }
    }

    /// Each mode with its name.
    pub(crate) fn modes(self) -> [(&'static str, Rgb); 2] {
        [("light", self.light), ("dark", self.dark)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_colour_is_hex_and_nothing_else() {
        assert_eq!(Rgb::parse("#fA0"), Rgb::parse("#ffaa00"));
        assert_eq!(Rgb::parse("#0b5fff").unwrap().to_string(), "#0b5fff");
        for wrong in
            ["", "#", "red", "#12", "#12345", "#1234567", "#+12", "#12g", "#fff;}x{a:b", "fff"]
        {
            assert_eq!(Rgb::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn contrast_is_as_wcag_computes_it() {
        let contrast = |one, two| Rgb::parse(one).unwrap().contrast(Rgb::parse(two).unwrap());
        assert!((contrast("#000", "#fff") - 21.0).abs() < 0.001);
        assert!((contrast("#777", "#fff") - 4.478).abs() < 0.001);
        assert!((contrast("#fff", "#777") - 4.478).abs() < 0.001);
        assert_eq!(Rgb::parse("#ffee00").unwrap().readable(), Rgb::BLACK);
        assert_eq!(Rgb::parse("#2f4cc4").unwrap().readable(), Rgb::WHITE);
    }

    #[test]
    fn a_pair_needs_both_modes() {
        let pair = json!({ "light": "#000", "dark": "#fff" });
        assert_eq!(Colours::parse(&pair).unwrap().json()["dark"], "#ffffff");
        for wrong in
            [json!({ "light": "#000" }), json!({ "light": "#000", "drak": "#fff" }), json!(7)]
        {
            assert_eq!(Colours::parse(&wrong), None, "{wrong}");
        }
    }
}
