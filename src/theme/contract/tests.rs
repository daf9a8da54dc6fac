mod faults;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use jsonschema::Validator;

use self::faults::faults;
use super::*;
use crate::theme::Theme;
use crate::theme::context::STATES;
use crate::theme::tests::{site, urls};

/// What is the same on every page of a site, and each sample on top of it, as a template is given both.
fn samples() -> Vec<(String, Value)> {
    let nowhere = Path::new("/nowhere");
    let theme = Theme::load(nowhere, "daisy", &BTreeMap::default(), site()).map_err(drop).unwrap();
    theme.samples(&urls()).iter().map(|page| (page.name(), theme.given(page))).collect()
}

fn validator() -> Validator {
    jsonschema::draft202012::new(&schema()).unwrap()
}

#[test]
fn every_sample_fits_the_schema() {
    let validator = validator();
    let samples = samples();
    assert!(samples.len() >= 110, "only {} samples", samples.len());
    for (name, context) in &samples {
        let faults = faults(&validator, context);
        assert!(faults.is_empty(), "{name}: {faults:#?}");
    }
}

#[test]
fn the_schema_refuses_what_is_misspelt_missing_or_too_much() {
    let validator = validator();
    let good = samples().into_iter().find(|(name, _)| name == "login.invalid_credentials");
    let good = good.unwrap().1;
    assert_eq!(faults(&validator, &good), Vec::<String>::new());
    let refuses = |change: fn(&mut Value), at: &str| {
        let mut bad = good.clone();
        change(&mut bad);
        let faults = faults(&validator, &bad);
        assert!(faults.iter().any(|it| it.ends_with(at)), "{at}: {faults:?}");
    };
    let gone = |value: &mut Value, key: &str| drop(value.as_object_mut().unwrap().remove(key));
    refuses(|it| it["access_token"] = "eyJ".into(), " at ");
    refuses(|it| it["page"]["stat"] = "idle".into(), "/page");
    refuses(|it| it["page"]["state"] = "idel".into(), "/page/state");
    refuses(|it| it["dir"] = "up".into(), "/dir");
    refuses(|it| it["contract"] = 2.into(), "/contract");
    refuses(|it| it["form"]["fields"][0]["required"] = "yes".into(), "/form/fields/0/required");
    refuses(|it| it["form"]["by_name"]["email"]["extra"] = 1.into(), "/form/by_name/email");
    let mut bad = good.clone();
    gone(&mut bad, "notices");
    gone(&mut bad["form"]["fields"][1], "describedby");
    let faults = faults(&validator, &bad);
    assert!(faults.iter().any(|it| it.contains("\"notices\"")), "{faults:?}");
    assert!(faults.iter().any(|it| it.contains("\"describedby\"")), "{faults:?}");
}

#[test]
fn samples_have_names_of_their_own_and_show_every_state_there_is() {
    let samples = samples();
    let names: BTreeSet<&String> = samples.iter().map(|(name, _)| name).collect();
    assert_eq!(names.len(), samples.len(), "two samples of the same name");
    let shown: BTreeSet<&str> =
        samples.iter().map(|(_, it)| it["page"]["state"].as_str().unwrap()).collect();
    for state in STATES {
        assert!(shown.contains(state), "no sample is in the state {state}");
    }
    assert_eq!(shown.len(), STATES.len());
}

#[test]
fn fields_by_name_are_the_fields_of_the_form() {
    let mut seen = 0;
    for (name, context) in samples() {
        for field in context["form"]["fields"].as_array().into_iter().flatten() {
            let key = field["name"].as_str().unwrap();
            assert_eq!(context["form"]["by_name"][key], *field, "{name}");
            seen += 1;
        }
    }
    assert!(seen > 300, "only {seen} fields");
}
