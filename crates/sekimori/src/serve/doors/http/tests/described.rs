//! The description of the API is what the server serves, and docs/http.md says nothing else.

use super::script::{OPERATOR, Scripted};
use serde_json::Value;

fn described(server: &Scripted) -> Value {
    let reply = server.ask("GET", "/openapi.json").send();
    assert_eq!(reply.status, 200);
    reply.json()
}

#[test]
fn every_operation_is_described_with_its_refusals_and_who_may() {
    let server = Scripted::new();
    let document = described(&server);
    assert!(document["openapi"].as_str().is_some_and(|version| version.starts_with("3.")));
    assert_eq!(document["components"]["securitySchemes"]["token"]["scheme"], "bearer");
    let paths = document["paths"].as_object().expect("an object");
    let mut n_operations = 0;
    for (path, item) in paths {
        for (method, operation) in item.as_object().expect("an object") {
            n_operations += 1;
            let at = format!("{method} {path}");
            let text = operation["description"].as_str().or(operation["summary"].as_str());
            assert!(text.is_some_and(|text| text.len() > 10), "{at} says nothing");
            for status in ["400", "401", "403", "404", "413", "415", "429", "503"] {
                assert!(operation["responses"][status].is_object(), "{at} lacks {status}");
            }
            for name in path.split('/').filter_map(|part| part.strip_prefix('{')) {
                let name = name.trim_end_matches('}');
                let all = operation["parameters"].as_array().expect("a list");
                assert!(all.iter().any(|p| p["name"] == name && p["in"] == "path"), "{at} {name}");
            }
            // What is described is served: with the operator's token nothing is 404 or 405 for
            // want of a route.
            let target = path.replace("{account}", "alpha").replace("{call_id}", "c1");
            let target = target.replace("{place}", "SL").replace("{id}", "I-A");
            let target = target.replace("{which}", "c1");
            if path == "/v1/events" || path == "/v1/explain/{which}" {
                continue;
            }
            let served = server.ask(&method.to_ascii_uppercase(), &target).token(OPERATOR).send();
            assert!(!served.body.contains("\"code\":\"unknown_route\""), "{at}");
            assert_ne!(served.status, 405, "{at}");
        }
    }
    assert!(n_operations >= 25, "{n_operations}");
}

#[test]
fn lengths_are_stated_and_every_reference_leads_somewhere() {
    let server = Scripted::new();
    let document = described(&server);
    let attempt = &document["components"]["schemas"]["AttemptBody"]["properties"];
    for (field, max) in [("call_id", 256), ("account", 128), ("dialled", 128), ("line", 256)] {
        assert_eq!(attempt[field]["maxLength"], max, "{field}");
    }
    let required = &document["components"]["schemas"]["AttemptBody"]["required"];
    assert_eq!(*required, serde_json::json!(["call_id", "account", "dialled"]));
    let pin = &document["components"]["schemas"]["AccountBody"]["properties"]["pin"];
    assert_eq!(pin["writeOnly"], true);
    let mut references = Vec::new();
    gather(&document, &mut references);
    assert!(references.len() > 50);
    for reference in references {
        let pointer = reference.strip_prefix('#').expect("all are inside");
        assert!(document.pointer(pointer).is_some(), "{reference} leads nowhere");
    }
}

fn gather(value: &Value, references: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            references.extend(fields.get("$ref").and_then(Value::as_str).map(str::to_owned));
            fields.values().for_each(|field| gather(field, references));
        }
        Value::Array(items) => items.iter().for_each(|item| gather(item, references)),
        _ => {}
    }
}
