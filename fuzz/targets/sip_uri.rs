//! Any bytes as a URI and as an address: no panic, and the parts put together again are read the
//! same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_switches::sip::{NameAddr, Scheme, Uri};

fuzz_target!(|bytes: &[u8]| {
    if let Ok(uri) = Uri::parse(bytes) {
        assert!(uri.scheme == Scheme::Tel || !uri.host.is_empty());
        let user = uri.user.unwrap_or_default();
        assert!(!user.contains(&b'@') && !uri.params.contains(&b'@'));
        if uri.scheme != Scheme::Tel && uri.user.is_some() {
            let bare = [b"sip:", user, b"@", uri.host, uri.params].concat();
            let again = Uri::parse(&bare).expect("its own parts");
            assert_eq!((again.user, again.host, again.params), (uri.user, uri.host, uri.params));
        }
    }
    if let Some(addr) = NameAddr::parse(bytes) {
        assert!(!addr.uri.is_empty());
        let _ = (addr.parts(), addr.tag());
    }
});
