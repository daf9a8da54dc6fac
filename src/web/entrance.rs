//! Where requests come in: each goes to the site of the moment, and stays with it to its end.

use std::sync::Arc;

use arc_swap::ArcSwapOption;
use poem::{Endpoint, Request, Response};

use super::Door;
use super::live::Live;

/// Leads to a door that can be exchanged while requests are under way. Which one it is costs a request one
/// atomic load.
pub(crate) struct Entrance {
    door: ArcSwapOption<Door>,
    /// Answers while there is no door yet.
    live: Option<Live>,
}

impl Entrance {
    /// An entrance to a site.
    pub(crate) fn to(door: Arc<Door>) -> Self {
        Self { door: ArcSwapOption::new(Some(door)), live: None }
    }

    /// An entrance that is open before there is a site. What is wrong with that is told meanwhile.
    pub(crate) fn to_come(live: Option<Live>) -> Self {
        Self { door: ArcSwapOption::empty(), live }
    }

    /// From now on, requests go to this door. Those that are under way finish at the one they came to.
    pub(crate) fn lead_to(&self, door: Arc<Door>) {
        self.door.store(Some(door));
    }
}

impl Endpoint for Entrance {
    type Output = Response;

    async fn call(&self, request: Request) -> poem::Result<Response> {
        match (self.door.load_full(), &self.live) {
            (Some(door), _) => door.call(request).await,
            (None, Some(live)) => {
                Ok(live.in_place_of_a_site(request.uri().path(), request.headers()))
            }
            // Outside of development there is always a site.
            (None, None) => Ok(http::StatusCode::SERVICE_UNAVAILABLE.into()),
        }
    }
}
