//! Whom the SIP door listens to, and what it believes of whom.
//!
//! A list of networks, the longest prefix counts. Reading it from a configuration file is its
//! caller's work.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Networks in one list. More is a mistake of whoever wrote the configuration.
pub const NETWORKS_MAX: usize = 65_536;

/// A PBX, proxy or gateway that may ask, and what is believed of what it says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Switch {
    /// For logs, metrics and records.
    pub name: String,
    /// Where it sends from.
    pub networks: Vec<Network>,
    /// Who pays for what it asks about.
    pub account: AccountFrom,
    /// What it vouches for.
    pub asserts: Asserts,
    /// Host and port that an allowed call is redirected to (`gw.example.jp:5060`); without one,
    /// the address that the request came from.
    pub next_hop: Option<String>,
    /// How `allow` is said.
    pub allow: AllowAs,
    /// Where a caller proves themself, as a whole URI; without one, `challenge` is not among
    /// the choices.
    pub challenge_uri: Option<String>,
}

/// Addresses that share their first bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    /// Any address of it.
    pub address: IpAddr,
    /// How many leading bits count: at most 32 for IPv4, 128 for IPv6.
    pub prefix_bits: u8,
}

/// Where the account of a call comes from, unless the switch names it in a header.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AccountFrom {
    /// The address that the request came from.
    #[default]
    Source,
    /// One account for all that the switch asks.
    Named(String),
    /// The asserted identity's number; the source address where there is none.
    Identity,
}

/// What a switch vouches for. What it does not vouch for anybody may have written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asserts {
    /// `X-Sekimori-Account`.
    pub account: Counts,
    /// `P-Asserted-Identity`: the line.
    pub asserted_identity: Counts,
    /// `Remote-Party-ID`: the line, where there is no `P-Asserted-Identity`.
    pub remote_party: Counts,
    /// `From`: the number presented; the line as well where nothing else tells it.
    pub from: Counts,
    /// `X-Sekimori-Source`: who really sent the call.
    pub source: Counts,
    /// `X-Sekimori-User-Agent`: with what.
    pub user_agent: Counts,
}

/// Whether what a header says counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counts {
    /// It may be anybody's invention and is not looked at.
    #[default]
    No,
    /// The switch vouches for it.
    Yes,
}

/// How `allow` is said to a switch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AllowAs {
    /// `302 Moved Temporarily`.
    #[default]
    Redirect,
    /// `404 Not Found`, for switches that advance their route on it.
    NotFound,
    /// `503 Service Unavailable`, for switches that advance their route on it.
    Unavailable,
}

/// The list is not usable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SwitchesError {
    /// More bits than the address has.
    Prefix {
        /// The switch.
        name: String,
        /// What it says.
        network: Network,
    },
    /// Two switches claim the same network.
    Twice {
        /// The one that came second.
        name: String,
        /// The one that came first.
        other: String,
        /// What both say.
        network: Network,
    },
    /// More than [`NETWORKS_MAX`].
    TooMany,
    /// A text that is written into answers holds what must not stand there.
    Text {
        /// The switch.
        name: String,
        /// Which of its texts.
        what: &'static str,
    },
}

/// The switches that may ask; everybody else gets no answer.
#[derive(Clone, Debug)]
pub struct Switches {
    switches: Vec<Switch>,
    v4: Vec<Row<u32>>,
    v6: Vec<Row<u128>>,
}

/// A network: what remains of an address under `mask` is `bits`.
#[derive(Clone, Copy, Debug)]
struct Row<T> {
    bits: T,
    mask: T,
    switch: u32,
}

impl Switches {
    /// Loopback (127.0.0.0/8 and ::1) is listed by default, believed nothing, and gives way to
    /// any switch that names one of its addresses.
    ///
    /// # Errors
    ///
    /// A network that is none, one network twice, too many, or a next hop or challenge URI that
    /// would break the answers it stands in.
    pub fn new(switches: Vec<Switch>) -> Result<Switches, SwitchesError> {
        let mut list = Switches { switches: Vec::new(), v4: Vec::new(), v6: Vec::new() };
        for switch in switches {
            list.add(switch)?;
        }
        let loopback = Switch::loopback();
        let index = list.switches.len() as u32;
        for network in &loopback.networks {
            if list.exactly(*network).is_none() {
                list.push(*network, index);
            }
        }
        list.switches.push(loopback);
        list.v4.sort_by_key(|row| std::cmp::Reverse(row.mask));
        list.v6.sort_by_key(|row| std::cmp::Reverse(row.mask));
        Ok(list)
    }

    /// The switch whose longest prefix holds `address`; an IPv4 address written as IPv6 is the
    /// IPv4 address. A list is walked from its narrowest network on, because lists are short;
    /// a thousand networks take a microsecond.
    pub fn of(&self, address: IpAddr) -> Option<&Switch> {
        let index = match address.to_canonical() {
            IpAddr::V4(v4) => find(&self.v4, v4.to_bits(), |a, b| a & b),
            IpAddr::V6(v6) => find(&self.v6, v6.to_bits(), |a, b| a & b),
        };
        self.switches.get(index? as usize)
    }

    /// All of them in the order of the configuration, the default loopback last.
    pub fn all(&self) -> &[Switch] {
        &self.switches
    }

    fn add(&mut self, switch: Switch) -> Result<(), SwitchesError> {
        let index = self.switches.len() as u32;
        check_texts(&switch)?;
        for network in &switch.networks {
            let name = switch.name.clone();
            if !network.is_valid() {
                return Err(SwitchesError::Prefix { name, network: *network });
            }
            if let Some(other) = self.exactly(*network) {
                let other = self.switches.get(other as usize).map_or(&name, |other| &other.name);
                let other = other.clone();
                return Err(SwitchesError::Twice { name, other, network: *network });
            }
            if self.v4.len() + self.v6.len() >= NETWORKS_MAX {
                return Err(SwitchesError::TooMany);
            }
            self.push(*network, index);
        }
        self.switches.push(switch);
        Ok(())
    }

    fn push(&mut self, network: Network, switch: u32) {
        match network.canonical() {
            Canonical::V4(bits, mask) => self.v4.push(Row { bits: bits & mask, mask, switch }),
            Canonical::V6(bits, mask) => self.v6.push(Row { bits: bits & mask, mask, switch }),
        }
    }

    /// Who claims exactly this network.
    fn exactly(&self, network: Network) -> Option<u32> {
        match network.canonical() {
            Canonical::V4(bits, mask) => {
                let same = |row: &&Row<u32>| row.mask == mask && row.bits == bits & mask;
                self.v4.iter().find(same).map(|row| row.switch)
            }
            Canonical::V6(bits, mask) => {
                let same = |row: &&Row<u128>| row.mask == mask && row.bits == bits & mask;
                self.v6.iter().find(same).map(|row| row.switch)
            }
        }
    }
}

fn find<T: Copy + PartialEq>(rows: &[Row<T>], bits: T, and: impl Fn(T, T) -> T) -> Option<u32> {
    rows.iter().find(|row| and(bits, row.mask) == row.bits).map(|row| row.switch)
}

fn check_texts(switch: &Switch) -> Result<(), SwitchesError> {
    let fits = |text: &str| {
        let plain = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'<' | b'>' | b'"');
        !text.is_empty() && text.len() <= super::URI_BYTES_MAX && text.bytes().all(plain)
    };
    let texts = [("next hop", &switch.next_hop), ("challenge URI", &switch.challenge_uri)];
    for (what, text) in texts {
        if text.as_deref().is_some_and(|text| !fits(text)) {
            return Err(SwitchesError::Text { name: switch.name.clone(), what });
        }
    }
    Ok(())
}

impl Switch {
    /// What is listed when nobody lists anything: this machine itself, believed nothing.
    pub fn loopback() -> Switch {
        Switch {
            name: "loopback".to_owned(),
            networks: vec![
                Network { address: IpAddr::V4(Ipv4Addr::new(127, 0, 0, 0)), prefix_bits: 8 },
                Network { address: IpAddr::V6(Ipv6Addr::LOCALHOST), prefix_bits: 128 },
            ],
            account: AccountFrom::Source,
            asserts: Asserts::default(),
            next_hop: None,
            allow: AllowAs::Redirect,
            challenge_uri: None,
        }
    }
}

/// Bits and mask of a network.
enum Canonical {
    V4(u32, u32),
    V6(u128, u128),
}

impl Network {
    fn is_valid(self) -> bool {
        self.prefix_bits <= if self.address.is_ipv4() { 32 } else { 128 }
    }

    /// An IPv4 network written as IPv6 (`::ffff:192.0.2.0/120`) is the IPv4 network.
    fn canonical(self) -> Canonical {
        let bits = u32::from(self.prefix_bits);
        match (self.address, self.address.to_canonical()) {
            (IpAddr::V4(v4), _) => Canonical::V4(v4.to_bits(), mask_v4(bits)),
            (_, IpAddr::V4(v4)) if bits >= 96 => Canonical::V4(v4.to_bits(), mask_v4(bits - 96)),
            (IpAddr::V6(v6), _) => {
                let mask = u128::MAX.checked_shl(128 - bits.min(128)).unwrap_or(0);
                Canonical::V6(v6.to_bits(), mask)
            }
        }
    }
}

fn mask_v4(bits: u32) -> u32 {
    u32::MAX.checked_shl(32 - bits.min(32)).unwrap_or(0)
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix_bits)
    }
}

impl fmt::Display for SwitchesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SwitchesError::Prefix { name, network } => {
                write!(f, "switch {name}: {network} has more bits than the address")
            }
            SwitchesError::Twice { name, other, network } => {
                write!(f, "switch {name}: {network} is {other}'s already")
            }
            SwitchesError::TooMany => write!(f, "more than {NETWORKS_MAX} networks"),
            SwitchesError::Text { name, what } => {
                write!(f, "switch {name}: its {what} is empty, too long or no plain ASCII")
            }
        }
    }
}

impl std::error::Error for SwitchesError {}

#[cfg(test)]
mod tests;
