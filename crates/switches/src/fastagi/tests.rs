use super::*;
use std::net::IpAddr;

const ASTERISK_16: &str = include_str!("../../fixtures/asterisk-16/fastagi.log");
const ASTERISK_22: &str = include_str!("../../fixtures/asterisk-22/fastagi.log");

/// What Asterisk said in each dialogue of a capture, as it stood on the wire.
fn dialogues(capture: &str) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = Vec::new();
    for line in capture.lines() {
        if line.starts_with("<< agi_network: ") {
            all.push(Vec::new());
        }
        if let (Some(said), Some(now)) = (line.strip_prefix("<< "), all.last_mut()) {
            now.extend_from_slice(said.as_bytes());
            now.push(b'\n');
        }
    }
    all
}

fn environment_of(bytes: &[u8]) -> Environment {
    let mut reader = Reader::default();
    reader.push(bytes).expect("not too long");
    reader.environment().expect("sound").expect("whole")
}

fn request(script: &str, arguments: &[&str], lines: &str) -> Result<Request, Unusable> {
    let mut text = format!("agi_network: yes\nagi_network_script: {script}\n{lines}");
    for (place, argument) in arguments.iter().enumerate() {
        text.push_str(&format!("agi_arg_{}: {argument}\n", place + 1));
    }
    text.push('\n');
    Request::read(&environment_of(text.as_bytes()))
}

fn ask(script: &str, arguments: &[&str], lines: &str) -> AskRequest {
    match request(script, arguments, lines) {
        Ok(Request::Ask(ask)) => ask,
        other => panic!("no ask: {other:?}"),
    }
}

#[test]
fn captured_dialogues_are_read_whole() {
    for capture in [ASTERISK_16, ASTERISK_22] {
        let all = dialogues(capture);
        assert_eq!(all.len(), 6);
        for bytes in &all {
            let mut reader = Reader::default();
            reader.push(bytes).expect("not too long");
            let environment = reader.environment().expect("sound").expect("whole");
            assert_eq!(environment.script, "outbound");
            assert!(environment.channel.starts_with("PJSIP/"), "{environment:?}");
            assert_eq!(environment.arguments.len(), 5);
            let mut n_replies = 0;
            while let Some(reply) = reader.reply().expect("sound") {
                assert_eq!(reply, Reply::Done(1));
                n_replies += 1;
            }
            assert!(n_replies >= 8, "five questions and three variables at least");
        }
    }
}

#[test]
fn a_forwarded_call_is_told_by_its_rdnis_and_never_pays_by_accountcode() {
    let forwarded = dialogues(ASTERISK_16)
        .into_iter()
        .map(|bytes| environment_of(&bytes))
        .find(|environment| environment.redirected_from == "1002")
        .expect("the capture has one");
    let arguments = ["office".to_owned(), "carrier".to_owned(), forwarded.extension.clone()];
    let asked = Environment { script: "ask".to_owned(), arguments: arguments.into(), ..forwarded };
    let Ok(Request::Ask(ask)) = Request::read(&asked) else { panic!("no ask") };
    assert_eq!(ask.forwarded_from, "forward:1002");
    assert_eq!(ask.caller, "+819011112222");
    assert_eq!((ask.account.as_str(), ask.line.as_str()), ("office", "carrier"));
    assert!(ask.call_id.starts_with("pbx16-"), "{}", ask.call_id);
    assert_eq!(ask.can_challenge, CanChallenge::No);
    let without = Environment { arguments: Vec::new(), ..asked };
    assert_eq!(Request::read(&without), Err(Unusable::NoAccount));
    assert_eq!(request("ask", &[""], "agi_accountcode: 1234\n"), Err(Unusable::NoAccount));
}

#[test]
fn arguments_count_before_parameters_and_both_before_the_channel() {
    let lines =
        "agi_uniqueid: 17.1\nagi_rdnis: 9\nagi_callerid: 0312345678\nagi_extension: 00441\n";
    let by_arguments = ask("ask", &["a", "201", "0010441", "disa:8000"], lines);
    assert_eq!(by_arguments.dialled, "0010441");
    assert_eq!(by_arguments.forwarded_from, "disa:8000");
    let script = "ask?account=B%20%26%20co&dialled=%2B441&line=202&source_ip=192.0.2.7:5060\
                  &user_agent=Phone%2F1.0&trunk=out&caller=+81&call_id=x@y&can_challenge=yes";
    let by_parameters = ask(script, &[], lines);
    let expected = AskRequest {
        call_id: "x@y".to_owned(),
        account: "B & co".to_owned(),
        line: "202".to_owned(),
        dialled: "+441".to_owned(),
        forwarded_from: "forward:9".to_owned(),
        caller: "+81".to_owned(),
        source: Some(IpAddr::from([192, 0, 2, 7])),
        user_agent: "Phone/1.0".to_owned(),
        trunk: "out".to_owned(),
        can_challenge: CanChallenge::Yes,
    };
    assert_eq!(by_parameters, expected);
    let mixed = ask("/ask/?account=b&dialled=1", &["a"], lines);
    assert_eq!((mixed.account.as_str(), mixed.dialled.as_str()), ("a", "1"));
    let by_channel = ask("ask", &["a"], "agi_channel: PJSIP/a-1\nagi_extension: 00441\n");
    assert_eq!(by_channel.dialled, "00441");
    assert_eq!(by_channel.call_id, "PJSIP/a-1");
    assert_eq!(by_channel.forwarded_from, "");
}

#[test]
fn what_is_missing_is_said() {
    let check = |script: &str, arguments: &[&str], lines: &str, why| {
        assert_eq!(request(script, arguments, lines), Err(why), "{script} {arguments:?}");
    };
    let id = "agi_uniqueid: 1.1\n";
    check("outbound", &["a", "", "1"], id, Unusable::UnknownScript);
    check("", &["a", "", "1"], id, Unusable::UnknownScript);
    check("ask", &["", "201", "1"], id, Unusable::NoAccount);
    check("ask", &["a"], "agi_uniqueid: 1.1\nagi_extension: s\n", Unusable::NoDialled);
    check("ask", &["a", "", "1"], "", Unusable::NoCall);
    check("ask", &[&"a".repeat(257), "", "1"], id, Unusable::TooLong);
    check("ask?account=%ff&dialled=1", &[], id, Unusable::NotText);
    check("challenge", &["1.1", "a"], id, Unusable::NoPin);
    assert!(Unusable::NoAccount.to_string().contains("accountcode"));
}

#[test]
fn reports_and_proofs_name_a_call() {
    let id = "agi_uniqueid: 1.1\n";
    let call = |call_id: &str, account: Option<&str>| CallRequest {
        call_id: call_id.to_owned(),
        account: account.map(str::to_owned),
    };
    assert_eq!(request("answer", &[], id), Ok(Request::Answer(call("1.1", None))));
    let end = Request::End { call: call("2.2", Some("a")), cause: Some(16) };
    assert_eq!(request("end", &["2.2", "a", "16"], id), Ok(end));
    let proof = PinRequest { call: call("1.1", Some("a")), pin: "2468".to_owned() };
    assert!(!format!("{proof:?}").contains("2468"));
    assert_eq!(request("challenge", &["", "a", "2468"], id), Ok(Request::Challenge(proof)));
}

#[test]
fn an_environment_may_come_byte_by_byte() {
    let bytes = &dialogues(ASTERISK_22)[0];
    let whole = environment_of(bytes);
    let mut reader = Reader::default();
    let mut found = None;
    let mut n_replies = 0;
    for byte in bytes {
        reader.push(&[*byte]).expect("not too long");
        if found.is_none() {
            found = reader.environment().expect("sound");
        } else if reader.reply().expect("sound").is_some() {
            n_replies += 1;
        }
    }
    assert_eq!(found, Some(whole));
    assert_eq!(n_replies, 9);
}

#[test]
fn replies_of_every_kind_are_told_apart() {
    let check = |text: &str, replies: &[Reply]| {
        let mut reader = Reader::default();
        reader.push(b"agi_network: yes\r\n\r\n").expect("not too long");
        assert!(reader.environment().expect("sound").is_some());
        reader.push(text.as_bytes()).expect("not too long");
        let mut found = Vec::new();
        while let Some(reply) = reader.reply().expect("sound") {
            found.push(reply);
        }
        assert_eq!(found, replies, "{text:?}");
    };
    check("200 result=1\n", &[Reply::Done(1)]);
    check("200 result=1 (1-13099@127.0.0.11)\r\n", &[Reply::Done(1)]);
    check("200 result=\n200 result=-1\n", &[Reply::Done(0), Reply::Done(-1)]);
    check("510 Invalid or unknown command\n", &[Reply::Refused(510)]);
    check("511 Command Not Permitted on a dead channel\n", &[Reply::Refused(511)]);
    let usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: SET VARIABLE\n\
                 HANGUP\n520 End of proper usage.\n200 result=1\n";
    check(usage, &[Reply::Refused(520), Reply::Done(1)]);
    check("HANGUP\n200 result=1\n", &[Reply::HungUp, Reply::Done(1)]);
    check("200 res", &[]);
}

#[test]
fn what_is_no_agi_ends_the_dialogue() {
    let environment = |bytes: &[u8]| {
        let mut reader = Reader::default();
        reader.push(bytes)?;
        reader.environment()
    };
    assert_eq!(environment(b"GET / HTTP/1.1\r\n"), Err(Malformed::NoEnvironment));
    assert_eq!(environment(b"\x16\x03\x01\n"), Err(Malformed::NoEnvironment));
    assert_eq!(environment(b"agi_network"), Ok(None));
    let hung_up = environment(b"agi_network: yes\nHANGUP\n\n").expect("sound").expect("whole");
    assert!(hung_up.has_hung_up);
    let mut reader = Reader::default();
    let line = b"agi_x: ".iter().chain(&[b'x'; 500]).copied().collect::<Vec<u8>>();
    let full = (0..100).find_map(|_| reader.push(&line).err());
    assert_eq!(full, Some(Malformed::TooLong));
    let many = "agi_arg_999999999999: x\nagi_arg_0: x\nagi_arg_17: x\nagi_arg_2: y\n\n";
    assert_eq!(environment_of(many.as_bytes()).arguments, ["", "y"]);
    for reply in ["hello\n", "200\n", "200 result=x x\n", "20\n", "99 no\n", "\n"] {
        let mut reader = Reader::default();
        reader.push(b"\n").expect("not too long");
        assert!(reader.environment().expect("sound").is_some());
        reader.push(reply.as_bytes()).expect("not too long");
        let read = reader.reply();
        assert!(matches!(read, Err(Malformed::NoReply) | Ok(Some(Reply::Done(0)))), "{reply:?}");
    }
}

#[test]
fn a_command_is_one_line_whatever_its_value() {
    let encoded = |command: Command<'_>| {
        let mut bytes = Vec::new();
        command.encode(&mut bytes);
        String::from_utf8(bytes).expect("text stays text")
    };
    let set = |name, value| encoded(Command::SetVariable { name, value });
    assert_eq!(set("SEKIMORI_VERDICT", "allow"), "SET VARIABLE SEKIMORI_VERDICT \"allow\"\n");
    assert_eq!(
        set("A B\n", "a \"b\"\\\r\nHANGUP"),
        "SET VARIABLE AB \"a \\\"b\\\"\\\\  HANGUP\"\n"
    );
    assert_eq!(encoded(Command::Verbose("止 x\n")), "VERBOSE \"止 x \" 1\n");
}
