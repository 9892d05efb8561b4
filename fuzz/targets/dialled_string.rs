//! Any bytes as a dialled string, from several homes: no panic; a call abroad has a number, and
//! that number behind a `+` is itself.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_atlas::country::Country;
use sekimori_atlas::destination::Kind;
use sekimori_atlas::plan::{Options, Plan};
use std::sync::LazyLock;

static PLANS: LazyLock<Vec<Plan>> = LazyLock::new(|| {
    let homes = [b"JP", b"US", b"GB", b"IT", b"BR", b"RU", b"KR"];
    let plan = |home: &[u8; 2]| {
        let home = Country::from_iso(home).expect("two letters");
        Plan::home(home, &Options::default()).expect("a plan")
    };
    homes.into_iter().map(plan).collect()
});

fuzz_target!(|bytes: &[u8]| {
    for plan in PLANS.iter() {
        let read = plan.read(bytes);
        match read.kind {
            Kind::International | Kind::Satellite => {
                let number = read.e164.expect("a call abroad has a number");
                let again = plan.read(format!("+{}", number.unmasked()).as_bytes());
                assert!(again.kind.is_international(), "{:?} then {:?}", read.kind, again.kind);
            }
            Kind::Emergency | Kind::Internal | Kind::Unreadable => assert_eq!(read.e164, None),
            Kind::Domestic | Kind::TollFree | Kind::Premium => assert!(read.country.is_some()),
        }
    }
});
