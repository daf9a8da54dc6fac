use super::*;

fn offer(tags: &[&str]) -> Offer {
    Offer::of(tags.iter().copied(), Locale(0), true)
}

fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
}

#[test]
fn the_browsers_wishes_are_met_in_the_order_of_their_weight() {
    let offer = offer(&["en", "de", "pt-BR", "zh-Hant"]);
    for (wishes, tag) in [
        ("de", "de"),
        ("DE", "de"),
        ("de-CH", "de"),
        ("de-CH-1996;q=0.5, fr;q=0.9", "de"),
        ("fr, de;q=0.5, en;q=0.8", "en"),
        ("fr;q=1.000 , de ; q=0.7", "de"),
        ("pt", "pt-BR"),
        ("pt-PT", "pt-BR"),
        ("zh-Hant-TW, en;q=0.1", "zh-Hant"),
        ("de;q=0, *", "en"),
        ("en;q=0, *;q=0.1", "de"),
        ("*", "en"),
        ("fr, *;q=0.5", "en"),
        ("de;q=0", "en"),
        ("de;q=2, pt-BR;q=0.1", "pt-BR"),
        ("de;q=0.1234, pt-BR;q=x", "en"),
        ("", "en"),
        (",,;q=1,", "en"),
        ("ja", "en"),
        ("den", "en"),
    ] {
        let choice = offer.choose(None, &headers(&[("accept-language", wishes)]));
        assert_eq!((offer.tag(choice), choice.is_said), (tag, false), "{wishes}");
    }
}

#[test]
fn the_address_wins_over_the_cookie_and_the_cookie_over_the_browser() {
    let offer = offer(&["en", "de", "fr"]);
    let all = headers(&[("accept-language", "fr"), ("cookie", "a=b; vestibule_lang=de")]);
    for (query, tag, is_said) in [
        (None, "de", false),
        (Some("next=%2Fa&lang=en"), "en", true),
        (Some("lang=FR"), "fr", true),
        (Some("lang=xx"), "de", false),
        (Some("lang="), "de", false),
        (Some("language=en&xlang=en"), "de", false),
    ] {
        let choice = offer.choose(query, &all);
        assert_eq!((offer.tag(choice), choice.is_said), (tag, is_said), "{query:?}");
    }
    let unknown = headers(&[("accept-language", "fr"), ("cookie", "vestibule_lang=../x")]);
    assert_eq!(offer.tag(offer.choose(None, &unknown)), "fr");
}

#[test]
fn one_language_is_spoken_whatever_is_asked_for() {
    let offer = offer(&["de"]);
    let choice = offer.choose(Some("lang=en"), &headers(&[("accept-language", "en")]));
    assert_eq!((offer.tag(choice), choice.is_said), ("de", false));
}

#[test]
fn only_pages_and_problems_say_their_language_and_only_pages_remember_it() {
    let offer = offer(&["en", "de"]);
    let choice = Choice { locale: Locale(1), is_said: true };
    for (kind, signed, remembered) in [
        ("text/html; charset=utf-8", true, true),
        ("application/problem+json", true, false),
        ("text/css", false, false),
    ] {
        let mut answer = headers(&[("content-type", kind)]);
        offer.sign(choice, &mut answer);
        assert_eq!(answer.get("content-language").is_some_and(|it| it == "de"), signed, "{kind}");
        assert_eq!(answer.contains_key("set-cookie"), remembered, "{kind}");
    }
    let mut answer = headers(&[("content-type", "text/html")]);
    offer.sign(choice, &mut answer);
    assert_eq!(
        answer["set-cookie"],
        "vestibule_lang=de; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax; Secure"
    );
    assert_eq!(answer["vary"], "Accept, Accept-Language, Cookie, HX-Request");
}
