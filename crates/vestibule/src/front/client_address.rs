//! Whose request it is, when proxies stand in between.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

use crate::config::proxy::Cidr;

/// The client's address: the peer's own, unless it is a trusted proxy. Then the right-most address of `X-Forwarded-For`
/// that is none of ours: everything left of it was written by somebody we don't know.
pub(crate) fn client_address(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let peer = peer.to_canonical();
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut client = peer;
    let mut said: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("?").split(','))
        .collect();

    while is_trusted(client) {
        match said.pop().and_then(address) {
            Some(before) => client = before,
            None => break,
        }
    }
    client
}

/// One item of the header; some proxies write the port too.
fn address(item: &str) -> Option<IpAddr> {
    let item = item.trim();
    let bare = item.parse().ok();
    let with_port = || item.parse::<SocketAddr>().ok().map(|socket| socket.ip());
    let in_brackets = || item.strip_prefix('[')?.strip_suffix(']')?.parse().ok();
    bare.or_else(with_port).or_else(in_brackets).map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_trusted_proxy_wrote_is_believed() {
        for (peer, headers, wanted, why) in [
            ("203.0.113.9", &["198.51.100.1"][..], "203.0.113.9", "a stranger may write what he likes"),
            ("10.0.0.1", &[], "10.0.0.1", "a proxy that says nothing speaks for itself"),
            ("10.0.0.1", &["198.51.100.1"], "198.51.100.1", "a trusted proxy is believed"),
            ("10.0.0.1", &["1.2.3.4, 198.51.100.1"], "198.51.100.1", "what the client itself wrote is not"),
            ("10.0.0.1", &["198.51.100.1, 10.0.0.2"], "198.51.100.1", "a chain of proxies is walked back"),
            ("10.0.0.1", &["1.2.3.4", "198.51.100.1"], "198.51.100.1", "several headers are one list"),
            ("10.0.0.1", &["198.51.100.1, nonsense"], "10.0.0.1", "nonsense ends the walk"),
            ("10.0.0.1", &["198.51.100.1:4711"], "198.51.100.1", "a port is no part of it"),
            ("10.0.0.1", &["[2001:db8::7]:4711"], "2001:db8::7", "nor with IPv6"),
            ("10.0.0.1", &["[2001:db8::7]"], "2001:db8::7", "brackets alone"),
            ("::ffff:10.0.0.1", &["198.51.100.1"], "198.51.100.1", "IPv4 inside IPv6 is IPv4"),
            ("10.0.0.1", &["10.0.0.3, 10.0.0.2"], "10.0.0.3", "proxies all the way: the farthest"),
        ] {
            let mut map = HeaderMap::new();
            for header in headers {
                map.append("x-forwarded-for", header.parse().unwrap());
            }
            let trusted = ["10.0.0.0/8".parse().unwrap()];
            let found = client_address(peer.parse().unwrap(), &map, &trusted);
            assert_eq!(found, wanted.parse::<IpAddr>().unwrap(), "{why}");
        }
    }

    #[test]
    fn the_other_forwarded_headers_are_never_read() {
        let mut map = HeaderMap::new();
        for name in ["forwarded", "x-real-ip", "x-forwarded-host", "true-client-ip"] {
            map.insert(name, "198.51.100.1".parse().unwrap());
        }
        let proxy: IpAddr = "10.0.0.1".parse().unwrap();

        assert_eq!(client_address(proxy, &map, &["10.0.0.0/8".parse().unwrap()]), proxy);
    }
}
