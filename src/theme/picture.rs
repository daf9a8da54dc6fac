//! How large a picture is, as its own file says: pages reserve the space, so that nothing jumps.

/// Width and height in pixels; none for what is not understood.
pub(crate) fn size(name: &str, bytes: &[u8]) -> Option<(u32, u32)> {
    let (width, height) = match name.rsplit_once('.')?.1 {
        "svg" => svg(std::str::from_utf8(bytes).ok()?),
        "png" => png(bytes),
        "gif" => gif(bytes),
        "jpg" | "jpeg" => jpeg(bytes),
        "webp" => webp(bytes),
        _ => None,
    }?;
    (width > 0 && height > 0).then_some((width, height))
}

fn big(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn little(bytes: &[u8], at: usize, length: usize) -> Option<u32> {
    let part = bytes.get(at..at.checked_add(length)?)?;
    Some(part.iter().rev().fold(0, |number, byte| number << 8 | u32::from(*byte)))
}

fn png(bytes: &[u8]) -> Option<(u32, u32)> {
    let body = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n")?;
    Some((big(body, 8, 4)?, big(body, 12, 4)?))
}

fn gif(bytes: &[u8]) -> Option<(u32, u32)> {
    bytes.starts_with(b"GIF8").then_some(())?;
    Some((little(bytes, 6, 2)?, little(bytes, 8, 2)?))
}

/// Walks the segments to the one that begins the picture.
fn jpeg(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut at = bytes.starts_with(&[0xff, 0xd8]).then_some(2_usize)?;
    loop {
        let marker = big(bytes, at, 2)?;
        let length = usize::try_from(big(bytes, at + 2, 2)?).ok()?;
        let is_frame =
            (0xffc0..=0xffcf).contains(&marker) && !matches!(marker, 0xffc4 | 0xffc8 | 0xffcc);
        if is_frame {
            return Some((big(bytes, at + 7, 2)?, big(bytes, at + 5, 2)?));
        }
        (marker > 0xff00 && length >= 2).then_some(())?;
        at = at.checked_add(2 + length)?;
    }
}

fn webp(bytes: &[u8]) -> Option<(u32, u32)> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12)? == b"WEBP").then_some(())?;
    match bytes.get(12..16)? {
        b"VP8 " => Some((little(bytes, 26, 2)? & 0x3fff, little(bytes, 28, 2)? & 0x3fff)),
        b"VP8L" => {
            let bits = little(bytes, 21, 4)?;
            Some(((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1))
        }
        b"VP8X" => Some((little(bytes, 24, 3)? + 1, little(bytes, 27, 3)? + 1)),
        _ => None,
    }
}

/// The attributes `width` and `height` of the root, or else its `viewBox`.
fn svg(text: &str) -> Option<(u32, u32)> {
    let root = text.split_once("<svg")?.1.split('>').next()?;
    let attribute = |name: &str| {
        root.match_indices(name).find_map(|(at, _)| {
            let is_whole = root.get(..at)?.ends_with(char::is_whitespace);
            let value = root.get(at + name.len()..)?.trim_start().strip_prefix('=')?.trim_start();
            let quote = value.chars().next().filter(|c| is_whole && matches!(c, '"' | '\''))?;
            value.get(1..)?.split(quote).next()
        })
    };
    let pixels =
        |text: &str| text.trim().trim_end_matches("px").parse::<f64>().ok().and_then(whole);
    if let (Some(width), Some(height)) =
        (attribute("width").and_then(pixels), attribute("height").and_then(pixels))
    {
        return Some((width, height));
    }
    let numbers: Vec<f64> = attribute("viewBox")?
        .split([' ', ','])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect::<Option<_>>()?;
    let [_, _, width, height] = numbers.as_slice() else { return None };
    Some((whole(*width)?, whole(*height)?))
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is within these bounds"
)]
fn whole(number: f64) -> Option<u32> {
    (number > 0.0 && number < 100_000.0).then(|| number.round().max(1.0) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_picture_says_its_size() {
        let png = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x01\x02\0\0\0\x30".as_slice();
        assert_eq!(size("a.png", png), Some((258, 48)));
        assert_eq!(size("a.gif", b"GIF89a\x02\x01\x30\0rest"), Some((258, 48)));
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\0\x30\x01\x02rest".as_slice();
        assert_eq!(size("a.jpg", jpeg), Some((258, 48)));
        let webp = b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x01\x01\0\x2f\0\0".as_slice();
        assert_eq!(size("a.webp", webp), Some((258, 48)));
        for (svg, expected) in [
            ("<?xml?><svg width=\"120\" height='32px' viewBox=\"0 0 1 1\">", Some((120, 32))),
            ("<svg viewBox=\"0 0 64.4 16\" stroke-width=\"2\">", Some((64, 16))),
            ("<svg width=\"100%\" height=\"100%\" viewBox=\"0,0,64,16\">", Some((64, 16))),
            ("<svg>", None),
            ("no picture", None),
        ] {
            assert_eq!(size("a.svg", svg.as_bytes()), expected, "{svg}");
        }
    }

    #[test]
    fn what_is_cut_short_or_something_else_has_no_size() {
        let jpeg = b"\xff\xd8\xff\xe0\0\x04ab\xff\xc2\0\x11\x08\0\x30\x01\x02".as_slice();
        for length in 0..jpeg.len() {
            assert_eq!(size("a.jpg", &jpeg[..length]), None, "{length}");
            assert_eq!(size("a.webp", &jpeg[..length]), None);
            assert_eq!(size("a.png", &jpeg[..length]), None);
        }
        assert_eq!(size("a.jpg", b"\xff\xd8\xff\xe0\0\0\xff\xe0\0\0"), None);
    }
}
