//! Other brands than the site's own, so that each part of one is seen.

use crate::theme::context::{Brand, BrandLink, Logo};

/// Inside of the page: no file of a theme is there under this name.
const LOGO: &str = "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 160 40'%3E\
    %3Crect width='40' height='40' rx='8' fill='%230b5fff'/%3E\
    %3Crect x='52' y='12' width='108' height='16' rx='8' fill='%230b5fff'/%3E%3C/svg%3E";

/// A logo in two versions, a line under the name, every link.
pub(super) fn whole() -> Brand {
    let link = |id: &'static str, label: &str| BrandLink {
        id,
        label: label.to_owned(),
        url: format!("/{id}"),
    };
    Brand {
        name: "Acme & Daughters".to_owned(),
        tagline: "Everything for the coyote".to_owned(),
        logo: Some(Logo {
            light: LOGO.to_owned(),
            dark: LOGO.replace("%230b5fff", "%238ab4ff"),
            alt: "Acme & Daughters".to_owned(),
            width: 160,
            height: 40,
        }),
        favicon: String::new(),
        links: vec![
            link("privacy", "Privacy"),
            link("terms", "Terms"),
            link("imprint", "Imprint"),
            link("support", "Support"),
        ],
    }
}

/// Nothing at all.
pub(super) fn none() -> Brand {
    Brand {
        name: String::new(),
        tagline: String::new(),
        logo: None,
        favicon: String::new(),
        links: Vec::new(),
    }
}

/// A name that leaves no room.
pub(super) fn long() -> Brand {
    Brand {
        name: "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
            .to_owned(),
        tagline: "The society of the subordinate officials of the construction of the main electrical works of the Danube steam shipping company".to_owned(),
        ..none()
    }
}
