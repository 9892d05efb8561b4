//! docs/http.md: its curl commands are run as they stand there, against the scripted server.

use super::script::{OPERATOR, Scripted};

const PAGE: &str = include_str!("../../../../../../../docs/http.md");

#[test]
fn every_command_of_the_page_works() {
    let server = Scripted::new();
    let mut n_run = 0;
    for command in commands() {
        let words = words(&command);
        if words.first().map(String::as_str) != Some("curl") {
            continue;
        }
        n_run += 1;
        let reply = run(&server, &words[1..]);
        assert!((200..300).contains(&reply.status), "{command}\n{reply:?}");
    }
    assert!(n_run >= 25, "{n_run} commands were found");
}

#[test]
fn every_code_of_the_page_is_one_of_the_door_and_none_is_missing() {
    let sources = [
        include_str!("../accounts.rs"),
        include_str!("../body.rs"),
        include_str!("../calls.rs"),
        include_str!("../entrance.rs"),
        include_str!("../events.rs"),
        include_str!("../hosts.rs"),
        include_str!("../keys.rs"),
        include_str!("../problem.rs"),
        include_str!("../proof.rs"),
        include_str!("../query.rs"),
        include_str!("../records.rs"),
        include_str!("../routes.rs"),
        include_str!("../stops.rs"),
    ];
    let table = PAGE.split("| status | codes |").nth(1).and_then(|rest| rest.split("\n\n").next());
    let table = table.expect("the page has the table");
    let named: Vec<&str> =
        table.split('`').skip(1).step_by(2).filter(|word| *word != "Retry-After").collect();
    for code in &named {
        let quoted = format!("\"{code}\"");
        assert!(sources.iter().any(|source| source.contains(&quoted)), "{code} is nowhere");
    }
    for code in [
        "journal_unreadable",
        "too_many_listeners",
        "not_your_trunk",
        "cut_off",
        "duplicate_field",
        "wrong_method",
        "unknown_verdict",
    ] {
        assert!(named.contains(&code), "{code} is not on the page");
    }
}

/// What stands in blocks marked `sh`, one command each; a command goes on while a quote is open
/// or a line ends in a backslash.
fn commands() -> Vec<String> {
    let mut all = Vec::new();
    for block in PAGE.split("```sh\n").skip(1) {
        let block = block.split("```").next().unwrap_or_default();
        let mut command = String::new();
        for line in block.lines() {
            command.push_str(line);
            let is_open = command.matches('\'').count() % 2 == 1;
            if is_open {
                command.push('\n');
            } else if let Some(begun) = command.strip_suffix('\\') {
                command = begun.to_owned();
            } else {
                all.push(std::mem::take(&mut command));
            }
        }
    }
    all
}

/// As a shell splits it, with `$TOKEN` put in inside double quotes.
fn words(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None::<char>;
    for c in command.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words.into_iter().map(|word| word.replace("$TOKEN", OPERATOR)).collect()
}

fn run(server: &Scripted, words: &[String]) -> super::client::Reply {
    let (mut method, mut url, mut header, mut body) = (None, None, None, None);
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let mut next = || words.next().expect("the option has a value").as_str();
        match word.as_str() {
            "-X" => method = Some(next()),
            "-H" => header = next().split_once(": "),
            "--json" => body = Some(next()),
            other => url = Some(other),
        }
    }
    let target = url.and_then(|url| url.strip_prefix("http://127.0.0.1:8740"));
    let default = if body.is_some() { "POST" } else { "GET" };
    let mut asking = server.ask(method.unwrap_or(default), target.expect("our own address"));
    if let Some((name, value)) = header {
        asking = asking.header(name, value);
    }
    if let Some(body) = body {
        asking = asking.json(body);
    }
    asking.send()
}
