//! The order of precedence: defaults, file, environment, command line. The last one that speaks wins.

use figment::value::{Dict, Map};
use figment::{Error, Figment, Metadata, Profile, Provider};

use super::Config;

/// One layer of values, looked through already.
pub(crate) struct Layer {
    /// What an operator would call it.
    pub(crate) name: &'static str,
    pub(crate) values: Dict,
}

impl Provider for Layer {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.name)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, Error> {
        Ok(Map::from([(Profile::Default, self.values.clone())]))
    }
}

/// Merges the layers, later over earlier, and fills in what nobody said from the `Default`s of the tables.
pub(crate) fn merge(layers: [Layer; 3]) -> Result<Config, Box<Error>> {
    layers.into_iter().fold(Figment::new(), Figment::merge).extract().map_err(Box::new)
}
