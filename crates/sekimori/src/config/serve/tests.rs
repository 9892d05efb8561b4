//! Nothing said is a whole configuration; what is said counts in its order; what cannot be is
//! refused with what to do.

use super::*;
use crate::serve::settled::{Proxy, Role};
use crate::serve::token;
use crate::serve::view::FailModeView;
use sekimori_switches::sip::{AccountFrom, AllowAs, Counts};
use std::io::Write as _;
use std::path::Path;

fn in_file(text: &str, said: Said) -> Result<Settled, Failure> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(text.as_bytes()).expect("it can be written");
    let state = said.state.or_else(|| Some(PathBuf::from("/srv/guard")));
    settle(&Said { config: Some(file.path().to_owned()), state, ..said })
}

fn settled(text: &str) -> Settled {
    in_file(text, Said::default()).unwrap_or_else(|failure| panic!("{failure}"))
}

#[track_caller]
fn refused(text: &str, says: &str) {
    let Err(failure) = in_file(text, Said::default()) else { panic!("accepted: {text}") };
    let told = failure.to_string();
    assert!(told.contains(says), "{told}");
    assert!(told.contains("What to do: "), "{told}");
}

#[test]
fn with_nothing_said_everything_has_its_place() {
    let said = Said { state: Some(PathBuf::from("/srv/guard")), ..Said::default() };
    let settled = settle(&said).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settled.sip.listen.to_string(), "127.0.0.1:5070");
    assert_eq!(settled.http.listen.to_string(), "127.0.0.1:8740");
    assert_eq!(settled.agi.listen.to_string(), "127.0.0.1:4573");
    assert_eq!(settled.budget, Duration::from_millis(200));
    assert_eq!((settled.shards, settled.sip.tls, settled.http.tls), (1, None, None));
    assert_eq!(settled.state, Path::new("/srv/guard"));
    let [loopback] = settled.sip.switches.all() else { panic!("this machine alone") };
    assert_eq!(loopback.name, "loopback");
}

/// Everything that a reload could change and everything it could not.
fn all_of(settled: &Settled) -> String {
    let Settled { setup: _, state, sip, http, agi, .. } = settled;
    let Settled { shards, budget, retain_days, ring_max, accounts, log, .. } = settled;
    format!(
        "{state:?} {sip:?} {http:?} {agi:?} {shards} {budget:?} {retain_days} {ring_max:?} \
         {accounts:?} {log:?}"
    )
}

#[test]
fn the_defaults_that_are_printed_are_those_in_force() {
    assert_eq!(all_of(&settled(crate::config::DEFAULTS)), all_of(&settled("")));
}

/// What stands commented out in the defaults is a configuration as well.
#[test]
fn the_examples_in_the_defaults_are_understood() {
    let wanted = ["[[switches]]", "[[tokens]]", "[accounts.", "[calendars."];
    let mut text = String::new();
    let mut is_wanted = false;
    for line in crate::config::DEFAULTS.lines() {
        let Some(bare) = line.strip_prefix("# ") else {
            is_wanted = false;
            continue;
        };
        is_wanted |= wanted.iter().any(|start| bare.starts_with(start));
        let is_setting = bare.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '));
        if is_wanted && (bare.starts_with(['[', ' ']) || is_setting) {
            text.push_str(&format!("{bare}\n"));
        }
    }
    let text = text.replace("blake3:…", &token::write_hash(&[7; 32]));
    let text = text.replace("account = \"acme\"\n", "");
    let settled = settled(&text);
    assert_eq!(settled.sip.switches.all()[0].name, "edge");
    assert_eq!(settled.http.tokens[0].role, Role::Switch);
    assert_eq!(settled.accounts["hotel-kyoto"].trusted_countries, ["KR", "TW"]);
}

#[test]
fn what_is_said_counts_more_than_the_file() {
    let text = "[sip]\nlisten = \"127.0.0.1:6001\"\n[http]\nlisten = \"127.0.0.1:6002\"\n\
                [serve]\nstate = \"kept\"\nshards = 2\n[log]\nformat = \"json\"\n";
    let said = Said {
        sip: Some("127.0.0.1:7001".parse().expect("an address")),
        shards: Some(3),
        log_filter: Some("debug".to_owned()),
        ..Said::default()
    };
    let settled = in_file(text, said).unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settled.sip.listen.port(), 7001);
    assert_eq!(settled.http.listen.port(), 6002);
    assert_eq!(settled.shards, 3);
    assert_eq!((settled.log.format, settled.log.filter.as_str()), (LogFormat::Json, "debug"));
}

#[test]
fn a_folder_in_the_file_is_meant_from_the_files_own() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("s.toml");
    std::fs::write(&path, "[serve]\nstate = \"kept\"\n").expect("it can be written");
    let settled = settle(&Said { config: Some(path), ..Said::default() });
    let settled = settled.unwrap_or_else(|failure| panic!("{failure}"));
    assert_eq!(settled.state, folder.path().join("kept"));
}

#[test]
fn a_switch_is_believed_what_it_is_configured_to_vouch_for() {
    let settled = settled(
        "[[switches]]\nname = \"edge\"\naddresses = [\"192.0.2.10\", \"2001:db8::/32\"]\n\
         account = \"acme\"\nasserts = [\"x-sekimori-account\", \"x-sekimori-source\"]\n\
         allow = \"404\"\nnext_hop = \"gw.example.jp:5060\"\nchallenge = \"sip:pin@ivr\"\n",
    );
    let edge = settled.sip.switches.of("2001:db8::7".parse().expect("an address"));
    let edge = edge.expect("listed");
    assert_eq!(edge.account, AccountFrom::Named("acme".to_owned()));
    assert_eq!((edge.asserts.account, edge.asserts.source), (Counts::Yes, Counts::Yes));
    assert_eq!((edge.asserts.from, edge.asserts.user_agent), (Counts::No, Counts::No));
    assert_eq!(edge.allow, AllowAs::NotFound);
    assert!(settled.agi.switches.of("192.0.2.10".parse().expect("an address")).is_some());
    assert!(settled.agi.switches.of("192.0.2.11".parse().expect("an address")).is_none());
}

#[test]
fn switches_that_cannot_be_are_refused() {
    let switch = |more: &str| format!("[[switches]]\nname = \"edge\"\n{more}\n");
    refused("[[switches]]\nname = \"e\"\n", "line 1");
    refused(&switch("addresses = []"), "no addresses");
    refused(&switch("addresses = [\"pbx.example.jp\"]"), "no address");
    refused(&switch("addresses = [\"192.0.2.0/33\"]"), "more bits");
    let listed = "addresses = [\"192.0.2.1\"]\n";
    let twice = switch(listed) + &switch(listed);
    refused(&twice, "two switches are called `edge`");
    refused(&twice.replacen("edge", "other", 1), "192.0.2.1/32");
    refused(&switch(&format!("{listed}next_hop = \"sip:gw\"")), "no host");
    refused(&switch(&format!("{listed}next_hop = \"127.0.0.1:5070\"")), "this server");
    refused(&switch(&format!("{listed}challenge = \"ivr\"")), "no URI");
    refused(&switch(&format!("{listed}allow = \"200\"")), "200");
    refused(&switch(&format!("{listed}asserts = [\"to\"]")), "to");
    refused(&switch(&format!("{listed}account_from = \"identity\"")), "vouches for no identity");
    let both = format!("{listed}account = \"a\"\naccount_from = \"address\"");
    refused(&switch(&both), "account and account_from");
    refused(&switch("adresses = []"), "write `addresses`");
}

fn a_token(name: &str, byte: u8, more: &str) -> String {
    let hash = token::write_hash(&[byte; 32]);
    format!("[[tokens]]\nname = \"{name}\"\nhash = \"{hash}\"\n{more}\n")
}

#[test]
fn tokens_that_cannot_be_are_refused() {
    let switch = "role = \"switch\"\ntrunks = [\"t1\"]\naccounts = [\"acme\"]";
    let tokens = settled(&a_token("pbx", 1, switch)).http.tokens;
    assert_eq!((tokens[0].role, &tokens[0].trunks[..]), (Role::Switch, &["t1".to_owned()][..]));
    refused(&(a_token("a", 1, switch) + &a_token("a", 2, switch)), "two tokens");
    refused(&(a_token("a", 1, switch) + &a_token("b", 1, switch)), "another's hash");
    refused(&a_token("operator", 1, switch), "called `operator`");
    refused(&a_token("a b", 1, switch), "a token is called");
    refused(&a_token("a", 1, "role = \"customer\""), "of no account");
    refused(&a_token("a", 1, "role = \"operator\"\naccounts = [\"x\"]"), "has accounts");
    refused(&a_token("a", 1, "role = \"auditor\"\ntrunks = [\"x\"]"), "has trunks");
    refused(&a_token("a", 1, switch).replace("blake3:", "sha256:"), "is none");
    refused(&a_token("a", 1, "role = \"root\""), "root");
}

#[test]
fn http_is_never_open_to_strangers() {
    let everywhere = "[http]\nlisten = \"0.0.0.0:8740\"\n";
    let token = a_token("pbx", 1, "role = \"switch\"");
    refused(everywhere, "no tokens");
    refused(&format!("{everywhere}{token}"), "without TLS");
    refused("[http]\nbehind_proxy = true\n", "no tokens");
    let proxied = settled(&format!("{everywhere}behind_proxy = true\n{token}"));
    assert_eq!(proxied.http.behind_proxy, Proxy::Stated);
    let pem = tempfile::NamedTempFile::new().expect("a file");
    let pem = pem.path().display();
    let tls = format!("{everywhere}certificate = \"{pem}\"\nkey = \"{pem}\"\n");
    assert!(settled(&format!("{tls}{token}")).http.tls.is_some());
    refused(&tls, "no tokens");
    for local in ["127.0.0.1:8740", "127.8.8.8:1", "[::1]:8740", "[::ffff:127.0.0.1]:8740"] {
        settled(&format!("[http]\nlisten = \"{local}\"\n"));
    }
}

#[test]
fn half_a_tls_is_refused() {
    let pem = tempfile::NamedTempFile::new().expect("a file");
    let pem = pem.path().display();
    refused(&format!("[http]\nkey = \"{pem}\"\n"), "http.certificate is not");
    refused(&format!("[sip]\ncertificate = \"{pem}\"\n"), "sip.key is not");
    refused("[sip]\ntls_listen = \"127.0.0.1:5071\"\n", "no certificate");
    let both = format!("[sip]\ncertificate = \"{pem}\"\nkey = \"{pem}\"\n");
    refused(&both, "no address for TLS");
    refused("[http]\ncertificate = \"none.pem\"\nkey = \"none.key\"\n", "cannot be read");
    let whole = settled(&format!("{both}tls_listen = \"127.0.0.1:5071\"\n"));
    assert_eq!(whole.sip.tls.expect("TLS").0.port(), 5071);
}

#[test]
fn amounts_and_addresses_out_of_bounds_are_refused() {
    refused("[serve]\nbudget_ms = 300\n", "serve.budget_ms = 300");
    refused("[serve]\nshards = 0\n", "from 1 to 64");
    refused("[serve]\nretain_days = 0\n", "retain_days");
    refused("[http]\nbody_max = 10\n", "body_max");
    refused("[sip]\nlisten = \"localhost\"\n", "line 2");
    refused("[sip]\nlisten = \"127.0.0.1:8740\"\n", "the same address");
    refused("[log]\nfilter = \"a=b=c\"\n", "log.filter");
    refused("[http]\nhosts = [\"https://x\"]\n", "no host name");
    settled("[sip]\nlisten = \"127.0.0.1:0\"\n[http]\nlisten = \"127.0.0.1:0\"\n");
}

#[test]
fn what_is_said_of_an_account_is_checked() {
    let about = settled(
        "[accounts.acme]\nservice = \"cloud\"\nenvelope = \"120.5\"\n\
         trusted_countries = [\"gb\", \"+870\"]\nfail_mode = \"closed\"\n",
    );
    let about = &about.accounts["acme"];
    assert_eq!(about.envelope.as_deref(), Some("120.500"));
    assert_eq!(about.trusted_countries, ["GB", "+870"]);
    assert_eq!(about.fail_mode, Some(FailModeView::Closed));
    refused("[accounts.a]\ntrusted_countries = [\"UK\"]\n", "`UK` is no country");
    refused("[accounts.a]\nfail_mode = \"ajar\"\n", "ajar");
    refused("[accounts.a]\nenvelope = -5\n", "line 2");
    refused("[accounts.a]\ncalendar = \"moon\"\n", "[calendars.moon]");
    refused("[accounts.a]\nservices = \"x\"\n", "write `service`");
}

#[test]
fn what_needs_a_restart_is_said() {
    let before = settled("").fixed();
    assert!(before.differences(&settled("[serve]\nretain_days = 9\n").fixed()).is_empty());
    let after = settled("[sip]\nlisten = \"127.0.0.1:6000\"\n[serve]\nshards = 2\n").fixed();
    let told = before.differences(&after);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[1].contains("sip.listen is 127.0.0.1:5070 until the next restart"), "{told:?}");
}

#[test]
fn a_door_that_nobody_may_use_is_worth_a_warning() {
    let at = "[sip]\nlisten = \"0.0.0.0:5070\"\n";
    let told = settled(at).warnings.join("\n");
    assert!(told.contains("SIP listens at 0.0.0.0:5070"), "{told}");
    let listed = "[[switches]]\nname = \"e\"\naddresses = [\"192.0.2.1\"]\n";
    assert!(!settled(&format!("{at}{listed}")).warnings.join("\n").contains("SIP listens"));
}

/// What the page shows as settings is understood.
#[test]
fn the_examples_of_the_page_are_understood() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/serve.md");
    let page = std::fs::read_to_string(page).expect("the page");
    let mut n_examples = 0;
    for block in page.split("```toml\n").skip(1) {
        let text = block.split("```").next().unwrap_or_default();
        let pem = tempfile::NamedTempFile::new().expect("a file");
        let pem = pem.path().display().to_string();
        let text = ["/etc/sekimori/guard.pem", "/etc/sekimori/guard.key"]
            .iter()
            .fold(text.to_owned(), |text, file| text.replace(file, &pem));
        settled(&text);
        n_examples += 1;
    }
    assert!(n_examples >= 3, "{n_examples}");
}
