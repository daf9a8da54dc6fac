//! Who is at the other end: forwarded headers count only from proxies that are trusted.

use std::net::{IpAddr, Ipv4Addr};

use http::{HeaderMap, HeaderName};
use ipnet::IpNet;

use super::headers::REQUEST_ID;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The networks of `[server] trusted_proxies`.
#[derive(Debug)]
pub(crate) struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    pub(crate) fn new(networks: Vec<IpNet>) -> Self {
        Self(networks)
    }

    /// Whether the forwarded headers of this peer count.
    pub(crate) fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }

    /// The address of the client: the peer, or, behind trusted proxies, the rightmost address of
    /// `X-Forwarded-For` that is not one of them. What stands left of it anybody may have written.
    pub(crate) fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let mut client = stands_as(peer);
        let forwarded: Vec<&str> = headers
            .get_all(FORWARDED_FOR)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .collect();
        for hop in forwarded.iter().rev() {
            if !self.trusts(client) {
                break;
            }
            match hop.trim().parse::<IpAddr>() {
                Ok(address) => client = address.to_canonical(),
                Err(_) => break,
            }
        }
        client
    }

    /// The request id that a trusted proxy has given, if it is fit for a log line.
    pub(crate) fn request_id(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Option<String> {
        if !self.trusts(stands_as(peer)) {
            return None;
        }
        let id = headers.get(REQUEST_ID)?.to_str().ok()?;
        let fits = (8..=64).contains(&id.len())
            && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
        fits.then(|| id.to_owned())
    }
}

/// A peer without an address comes from this machine, through a socket file, and is believed exactly
/// where one that comes through the loopback address is (docs/adr/0017).
fn stands_as(peer: Option<IpAddr>) -> IpAddr {
    peer.unwrap_or(IpAddr::V4(Ipv4Addr::LOCALHOST)).to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(trusted: &[&str], peer: &str, forwarded: &[&'static str]) -> String {
        let proxies = TrustedProxies::new(trusted.iter().map(|net| net.parse().unwrap()).collect());
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append("x-forwarded-for", value.parse().unwrap());
        }
        proxies.client(Some(peer.parse().unwrap()), &headers).to_string()
    }

    #[test]
    fn strangers_cannot_choose_their_address() {
        assert_eq!(client(&[], "192.0.2.1", &["127.0.0.1"]), "192.0.2.1");
        assert_eq!(client(&["10.0.0.0/8"], "192.0.2.1", &["127.0.0.1"]), "192.0.2.1");
    }

    #[test]
    fn a_peer_without_an_address_is_believed_where_loopback_is() {
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "192.0.2.7".parse().unwrap());
        headers.insert("x-request-id", "proxy-0123456789".parse().unwrap());
        for (network, client, id) in [
            ("10.0.0.0/8", "127.0.0.1", None),
            ("127.0.0.0/8", "192.0.2.7", Some("proxy-0123456789")),
        ] {
            let proxies = TrustedProxies::new(vec![network.parse().unwrap()]);
            assert_eq!(proxies.client(None, &headers).to_string(), client);
            assert_eq!(proxies.request_id(None, &headers).as_deref(), id);
        }
    }

    #[test]
    fn the_rightmost_untrusted_address_is_the_client() {
        let trusted = ["10.0.0.0/8"];
        assert_eq!(client(&trusted, "10.0.0.1", &["127.0.0.1, 192.0.2.7"]), "192.0.2.7");
        assert_eq!(client(&trusted, "10.0.0.1", &["6.6.6.6, 192.0.2.7", "10.0.0.2"]), "192.0.2.7");
        assert_eq!(client(&trusted, "10.0.0.1", &["junk, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(client(&trusted, "::ffff:10.0.0.1", &["192.0.2.7"]), "192.0.2.7");
    }
}
