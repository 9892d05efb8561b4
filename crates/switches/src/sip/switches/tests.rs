use super::*;

fn network(text: &str) -> Network {
    let (address, bits) = text.split_once('/').expect("an address and bits");
    let address = address.parse().expect("an address");
    Network { address, prefix_bits: bits.parse().expect("a number") }
}

fn switch(name: &str, networks: &[&str]) -> Switch {
    let networks = networks.iter().map(|text| network(text)).collect();
    Switch { name: name.to_owned(), networks, ..Switch::loopback() }
}

#[test]
fn the_longest_prefix_names_the_switch() {
    let list = Switches::new(vec![
        switch("carrier", &["203.0.113.0/24", "2001:db8::/32"]),
        switch("edge", &["203.0.113.8/29", "::ffff:198.51.100.7/128", "127.0.0.5/32"]),
        switch("one", &["203.0.113.9/32", "2001:db8:1::/48"]),
    ])
    .expect("a list");
    let of = |text: &str| {
        let address = text.parse().expect("an address");
        list.of(address).map(|switch| switch.name.as_str())
    };
    assert_eq!(of("203.0.113.1"), Some("carrier"));
    assert_eq!(of("203.0.113.10"), Some("edge"));
    assert_eq!(of("203.0.113.9"), Some("one"));
    assert_eq!(of("::ffff:203.0.113.9"), Some("one"));
    assert_eq!(of("198.51.100.7"), Some("edge"));
    assert_eq!(of("2001:db8:2::1"), Some("carrier"));
    assert_eq!(of("2001:db8:1::1"), Some("one"));
    assert_eq!(of("127.0.0.5"), Some("edge"));
    assert_eq!(of("127.0.0.6"), Some("loopback"));
    assert_eq!(of("::1"), Some("loopback"));
    assert_eq!(of("203.0.114.1"), None);
    assert_eq!(of("2001:db9::1"), None);
}

#[test]
fn without_a_list_only_this_machine_may_ask_and_is_believed_nothing() {
    let list = Switches::new(Vec::new()).expect("a list");
    let own = list.of(Ipv4Addr::LOCALHOST.into()).expect("listed by default");
    assert_eq!((own.asserts, &own.account), (Asserts::default(), &AccountFrom::Source));
    assert!(list.of(Ipv4Addr::new(192, 0, 2, 1).into()).is_none());
}

#[test]
fn everything_can_be_listed_at_once() {
    let all = Switches::new(vec![switch("all", &["0.0.0.0/0", "::/0"])]).expect("a list");
    let name = |ip: IpAddr| all.of(ip).map(|switch| switch.name.as_str());
    assert_eq!(name(Ipv4Addr::new(8, 8, 8, 8).into()), Some("all"));
    assert_eq!(name("2001:db8::1".parse().expect("an address")), Some("all"));
    assert_eq!(name(Ipv4Addr::LOCALHOST.into()), Some("loopback"));
}

#[test]
fn what_cannot_be_meant_is_refused() {
    let refused = |switches| Switches::new(switches).expect_err("refused").to_string();
    let twice = vec![switch("a", &["192.0.2.0/24"]), switch("b", &["192.0.2.9/24"])];
    assert_eq!(refused(twice), "switch b: 192.0.2.9/24 is a's already");
    let bits = refused(vec![switch("a", &["192.0.2.0/33"])]);
    assert_eq!(bits, "switch a: 192.0.2.0/33 has more bits than the address");
    for hop in ["gw>\r\nX: y", "", "a b", "gw\u{e9}"] {
        let next_hop = Some(hop.to_owned());
        let text = refused(vec![Switch { next_hop, ..switch("a", &["192.0.2.0/24"]) }]);
        assert_eq!(text, "switch a: its next hop is empty, too long or no plain ASCII");
    }
}

#[test]
fn an_own_entry_takes_the_place_of_the_default_one() {
    let list = Switches::new(vec![switch("mine", &["127.0.0.0/8"])]).expect("a list");
    let name = list.of(Ipv4Addr::LOCALHOST.into()).map(|switch| switch.name.as_str());
    assert_eq!(name, Some("mine"));
}
