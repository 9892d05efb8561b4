//! Who may ask what: no token, wrong tokens, each role, bound tokens; names of the server and
//! pages of other sites.

use super::super::accept::Limits;
use super::client::Reply;
use super::script::{AUDITOR, BOUND_SWITCH, CUSTOMER, OPERATOR, SWITCH, Scripted, settings};
use crate::serve::settled::{HttpSettings, Proxy};

const CALL: &str = r#"{"call_id":"c1","account":"alpha","dialled":"110"}"#;

/// Every route with a body that it takes.
const ROUTES: [(&str, &str, &str); 23] = [
    ("POST", "/v1/calls", CALL),
    ("POST", "/v1/calls/c1/renew", "{}"),
    ("POST", "/v1/calls/c1/answer", "{}"),
    ("POST", "/v1/calls/c1/end", "{}"),
    ("POST", "/v1/registrations", r#"{"account":"alpha","outcome":"accepted"}"#),
    ("GET", "/healthz", ""),
    ("GET", "/readyz", ""),
    ("GET", "/openapi.json", ""),
    ("PUT", "/v1/accounts/alpha/stop", "{}"),
    ("POST", "/v1/accounts/alpha/stop/open", "{}"),
    ("POST", "/v1/incidents/I-A/answer", r#"{"answer":"ours"}"#),
    ("GET", "/v1/accounts/alpha", ""),
    ("GET", "/v1/accounts/alpha/stop", ""),
    ("GET", "/v1/calls?account=alpha", ""),
    ("GET", "/v1/incidents", ""),
    ("GET", "/v1/incidents/I-A", ""),
    ("GET", "/v1/orders", ""),
    ("GET", "/v1/journal", ""),
    ("PUT", "/v1/accounts/alpha", "{}"),
    ("POST", "/v1/accounts/alpha/restrictions", r#"{"scope":"international","why":"w"}"#),
    ("POST", "/v1/orders/O-1/lift", r#"{"why":"w"}"#),
    ("PUT", "/v1/destinations/SL/stop", r#"{"evidence":"e"}"#),
    ("DELETE", "/v1/destinations/SL/stop", "{}"),
];

/// Which of [`ROUTES`] are answered with 200, by their places; the rest with `refused`.
fn check(server: &Scripted, token: Option<&str>, allowed: &[usize], refused: u16) {
    for (place, (method, target, body)) in ROUTES.iter().enumerate() {
        let mut asking = server.ask(method, target);
        if !body.is_empty() {
            asking = asking.json(body);
        }
        if let Some(token) = token {
            asking = asking.token(token);
        }
        let reply = asking.send();
        let expected = if allowed.contains(&place) { 200 } else { refused };
        assert_eq!(reply.status, expected, "{method} {target} with {token:?}: {reply:?}");
        if reply.status == 401 {
            assert!(reply.body.contains("STATE/operator.token"), "{reply:?}");
            assert!(reply.head.contains("www-authenticate: bearer"), "{reply:?}");
        }
    }
}

#[test]
fn without_a_token_this_machine_asks_tells_reads_health_and_stops() {
    check(&Scripted::new(), None, &[0, 1, 2, 3, 4, 5, 6, 7, 8], 401);
}

#[test]
fn each_role_has_its_routes() {
    let server = Scripted::new();
    let all: Vec<usize> = (0..ROUTES.len()).collect();
    check(&server, Some(OPERATOR), &all, 0);
    check(&server, Some(SWITCH), &[0, 1, 2, 3, 4, 5, 6, 7], 403);
    check(&server, Some(CUSTOMER), &[5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], 403);
    check(&server, Some(AUDITOR), &[5, 6, 7, 11, 12, 13, 14, 15, 16, 17], 403);
}

#[test]
fn a_customer_learns_nothing_of_other_accounts() {
    let server = Scripted::new();
    let ask = |method: &str, target: &str| server.ask(method, target).token(CUSTOMER);
    let known = ask("GET", "/v1/accounts/beta").send();
    let unknown = ask("GET", "/v1/accounts/nobody").send();
    assert_eq!(known.told(), (403, "not_your_account".into()));
    assert_eq!((known.status, &known.body), (unknown.status, &unknown.body));
    assert_eq!(ask("PUT", "/v1/accounts/beta/stop").json("{}").send().status, 403);
    assert_eq!(ask("GET", "/v1/calls?account=beta").send().status, 403);
    let known = ask("GET", "/v1/incidents/I-B").send();
    let unknown = ask("GET", "/v1/incidents/I-0").send();
    assert_eq!(known.told(), (404, "unknown_incident".into()));
    assert_eq!(unknown.told(), known.told());
    let answer = ask("POST", "/v1/incidents/I-B/answer").json(r#"{"answer":"ours"}"#).send();
    assert_eq!(answer.told(), (404, "unknown_incident".into()));
    assert!(server.asked().is_empty(), "nothing of it reached the guard but look-ups");
    ask("GET", "/v1/incidents").send();
    assert!(server.asked().join("").contains("account: Some(\"alpha\")"));
}

#[test]
fn a_bound_switch_speaks_of_its_own_accounts_and_trunks() {
    let server = Scripted::new();
    let call = |account: &str, trunk: &str| {
        let body = format!(
            r#"{{"call_id":"c1","account":"{account}","dialled":"110","trunk":"{trunk}"}}"#
        );
        server.ask("POST", "/v1/calls").token(BOUND_SWITCH).json(&body).send()
    };
    assert_eq!(call("alpha", "t1").status, 200);
    assert_eq!(call("alpha", "").status, 200, "its one trunk need not be named");
    assert!(server.asked()[1].contains("trunk: \"t1\""));
    assert_eq!(call("alpha", "t2").told(), (403, "not_your_trunk".into()));
    assert_eq!(call("beta", "t1").told(), (403, "not_your_account".into()));
    let end = server.ask("POST", "/v1/calls/c1/end").token(BOUND_SWITCH).send();
    assert_eq!(end.status, 200);
    assert_eq!(server.asked(), ["Ended { cause: None } c1 Some(\"alpha\") "]);
}

#[test]
fn a_wrong_token_is_refused_and_after_ten_not_even_looked_at() {
    let server = Scripted::new();
    let told = || server.ask("POST", "/v1/calls").token("guess").json(CALL).send().told();
    for _ in 0..10 {
        assert_eq!(told(), (401, "unknown_token".into()), "even where none is needed");
    }
    assert_eq!(told(), (429, "too_many_requests".into()));
    let right = server.ask("POST", "/v1/calls").token(SWITCH).json(CALL).send();
    assert_eq!(right.status, 200, "whoever has a right one is not shut out by it");
    let basic = server.ask("GET", "/v1/orders").header("Authorization", "Basic YTpi").send();
    assert_eq!(basic.status, 429);
}

#[test]
fn an_auditor_sees_numbers_masked() {
    let server = Scripted::new();
    server.ask("GET", "/v1/accounts/alpha").token(AUDITOR).send();
    server.ask("GET", "/v1/accounts/alpha?lang=ja").token(CUSTOMER).send();
    let asked = server.asked();
    assert_eq!(asked, ["account alpha En Masked", "account alpha Ja Whole"]);
    let silent = server.ask("GET", "/v1/accounts/alpha?unmask=1").token(AUDITOR).send();
    assert_eq!(silent.told(), (400, "bad_value".into()), "a reason is needed");
    let target = "/v1/accounts/alpha?unmask=1&why=case%207";
    assert_eq!(server.ask("GET", target).token(AUDITOR).send().status, 200);
    let asked = server.asked();
    assert_eq!(asked[0], "unmasked Actor { by: \"audit\", why: \"case 7\" } alpha");
    assert_eq!(asked[1], "account alpha En Whole", "only then");
}

#[test]
fn names_that_were_pointed_here_and_pages_of_other_sites_are_refused() {
    let server = Scripted::new();
    let with = |name: &str, value: &str| -> Reply {
        server.ask("POST", "/v1/calls").json(CALL).header(name, value).send()
    };
    assert_eq!(with("Host", "evil.example").told(), (403, "wrong_host".into()));
    assert_eq!(with("Host", "guard.example").status, 200);
    assert_eq!(with("Origin", "http://evil.example").told(), (403, "wrong_origin".into()));
    assert_eq!(with("Origin", "null").told(), (403, "wrong_origin".into()));
    let own = format!("http://{}", server.at);
    let reply = with("Origin", &own);
    assert_eq!(reply.status, 200);
    assert!(!reply.head.contains("access-control"), "nobody is told that they may");
    let preflight = server.ask("OPTIONS", "/v1/calls").header("Origin", "http://evil.example");
    assert_eq!(preflight.send().status, 403);
    // What a page can post without asking: never JSON by its type.
    for kind in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=a"]
    {
        let post = server.ask("POST", "/v1/calls").body(kind, CALL).send();
        assert_eq!(post.told(), (415, "not_json".into()), "{kind}");
        let stop = server.ask("PUT", "/v1/accounts/alpha/stop").body(kind, "{}").send();
        assert_eq!(stop.told(), (415, "not_json".into()), "{kind}");
    }
    assert_eq!(server.asked().len(), 2);
}

#[test]
fn whoever_a_proxy_passes_on_is_not_this_machine() {
    let server = Scripted::new();
    for name in ["X-Forwarded-For", "Forwarded", "Via"] {
        let passed =
            server.ask("POST", "/v1/calls").json(CALL).header(name, "1.1 192.0.2.1").send();
        assert_eq!(passed.told(), (401, "token_needed".into()), "{name}");
    }
    let server = Scripted::with(
        HttpSettings { behind_proxy: Proxy::Stated, ..settings() },
        Limits::default(),
    );
    let direct = server.ask("POST", "/v1/calls").json(CALL).send();
    assert_eq!(direct.told(), (401, "token_needed".into()));
    let health = server.ask("GET", "/healthz").send();
    assert_eq!(health.status, 200, "a balancer has no token");
}
