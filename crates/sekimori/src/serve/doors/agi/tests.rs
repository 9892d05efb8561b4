//! The door on a loopback port, with an Asterisk that says what a real one was heard to say, and
//! a shard whose answers are scripted.

use super::*;
use crate::serve::ask::{Brief, Happened, OwnedAsk, Ref, Ruled};
use crate::serve::fail_mode::FailBook;
use crate::serve::guard::Parts;
use crate::serve::pins;
use crate::serve::shard::command::{Command, line};
use crate::serve::vitals::Vitals;
use arc_swap::ArcSwap;
use sekimori_atlas::Atlas;
use sekimori_atlas::calendar::Calendars;
use sekimori_atlas::country::Country;
use sekimori_atlas::deck::Deck;
use sekimori_atlas::intel::Intelligence;
use sekimori_atlas::plan::{Options, Plan};
use sekimori_engine::event::{Challenge, Renewal};
use sekimori_engine::verdict::Ruling;
use sekimori_journal::Journal;
use sekimori_switches::sip::Switches;
use std::sync::Mutex;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::sync::broadcast;
use tokio::task::JoinHandle;

/// Asterisk 16's environment for a forwarded call, with the arguments put in.
const FORWARDED: &str = "\
agi_network: yes\nagi_network_script: ask\nagi_channel: PJSIP/carrier-00000007\n\
agi_uniqueid: pbx16-1795340217.64\nagi_callerid: +819011112222\nagi_rdnis: 1002\n\
agi_extension: s\nagi_accountcode: 1234\nagi_arg_1: office\nagi_arg_2: carrier\n\
agi_arg_3: 01025261234567\nagi_arg_4: \n\n";

type Heard = Arc<Mutex<Vec<String>>>;

struct Bench {
    address: SocketAddr,
    vitals: Arc<Vitals>,
    heard: Heard,
    shutdown: watch::Sender<bool>,
    serving: JoinHandle<()>,
    /// The same door with room for one dialogue, to be handed connections.
    door: Arc<Door>,
    _folder: tempfile::TempDir,
}

/// What the scripted shard says of every call.
#[derive(Clone)]
struct Script {
    ruling: Ruling,
    max_seconds: Option<u32>,
    pin: Option<String>,
    /// Whether it answers questions at all.
    is_awake: bool,
}

impl Script {
    fn of(ruling: Ruling, max_seconds: Option<u32>) -> Script {
        Script { ruling, max_seconds, pin: None, is_awake: true }
    }
}

fn atlas() -> Arc<Atlas> {
    let home = Country::from_iso(b"JP").expect("two letters");
    let plan = Plan::home(home, &Options::default()).expect("a plan");
    let shipped = Intelligence::shipped();
    Arc::new(Atlas::new(plan, Deck::default_jp(), shipped, Calendars::japanese()))
}

async fn bench(script: Script) -> Bench {
    let folder = tempfile::tempdir().expect("a folder");
    let options = sekimori_journal::Options::default();
    let (journal, _) = Journal::open(folder.path(), options).expect("a new journal");
    let (atlas, vitals) = (atlas(), Arc::new(Vitals::default()));
    let fail_book = Arc::new(FailBook::new(Arc::clone(&atlas), Arc::clone(&vitals)));
    let (line, commands, _bell) = line().expect("an event descriptor");
    let heard = Heard::default();
    let (notes, book) = (Arc::clone(&heard), Arc::clone(&fail_book));
    std::thread::spawn(move || {
        // Unanswered questions are kept: dropped, they would be answered by that.
        let mut unanswered = Vec::new();
        for command in commands {
            if let Some(command) = play(command, &script, &book, &notes) {
                unanswered.push(command);
            }
        }
    });
    let (events, _) = broadcast::channel(16);
    let guard = Guard::new(Parts {
        lines: vec![line],
        fail_book,
        journal,
        events,
        vitals: Arc::clone(&vitals),
        atlas: Arc::new(ArcSwap::new(atlas)),
        budget: Duration::from_millis(50),
    });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let switches = Switches::new(Vec::new()).expect("an empty list");
    let settings = Arc::new(AgiSettings { listen: address, switches });
    let (shutdown, is_over) = watch::channel(false);
    let pins = Arc::new(Pins::new());
    let door = Arc::new(Door {
        guard: guard.clone(),
        pins: Arc::clone(&pins),
        settings: Arc::clone(&settings),
        rooms: Arc::new(Semaphore::new(1)),
    });
    let serving = tokio::spawn(serve(guard, pins, settings, listener, is_over));
    Bench { address, vitals, heard, shutdown, serving, door, _folder: folder }
}

/// Answers as the script has it; a command that is left unanswered comes back.
fn play(command: Command, script: &Script, book: &FailBook, notes: &Heard) -> Option<Command> {
    let note = |text: String| notes.lock().expect("no panic").push(text);
    let ruled = |ask: &OwnedAsk| {
        let reference = Ref(0x0123_4567_89ab_cdef);
        let (ruling, max_seconds) = (script.ruling, script.max_seconds);
        let brief = Brief { ruling, max_seconds, reference };
        Ruled { brief, ..book.rule(&book.prepare(ask)) }
    };
    match command {
        Command::Ask(ask, reply) if script.is_awake => {
            let OwnedAsk { call_id, account, line, dialled, forwarded_from, caller, .. } = &*ask;
            note(format!(
                "ask {call_id} {account} {line} {dialled} {forwarded_from} {caller} {:?} {:?}",
                ask.challenge, ask.renewal
            ));
            let _ = reply.send(ruled(&ask));
        }
        Command::Report(report, reply) => {
            note(format!("{:?} {}", report.what, report.call.call_id));
            let _ = reply.send(crate::serve::ask::Noted::Counted);
        }
        Command::PinOf(call, reply) => {
            let known = (call.call_id == "1.1").then(|| ("office".to_owned(), script.pin.clone()));
            let _ = reply.send(known);
        }
        Command::Proved(call, reply) => {
            note(format!("proved {}", call.call_id));
            let ask = OwnedAsk {
                call_id: call.call_id,
                account: "office".to_owned(),
                dialled: "01025261234567".to_owned(),
                told_at: None,
                line: String::new(),
                caller: String::new(),
                source: None,
                user_agent: String::new(),
                forwarded_from: String::new(),
                trunk: String::new(),
                challenge: Challenge::Possible,
                renewal: Renewal::Impossible,
                door: crate::serve::ask::Door::Agi,
                transaction: 0,
            };
            let _ = reply.send(Some(ruled(&ask)));
        }
        other => return Some(other),
    }
    None
}

/// An Asterisk: sends its environment and answers each command with the next reply (the last
/// one for ever); what it was told comes back once the door has closed.
async fn call(address: SocketAddr, environment: &str, replies: &[&str]) -> Vec<String> {
    let stream = TcpStream::connect(address).await.expect("the door listens");
    converse(stream, environment, replies).await
}

async fn converse(stream: TcpStream, environment: &str, replies: &[&str]) -> Vec<String> {
    let (incoming, mut outgoing) = stream.into_split();
    let mut lines = BufReader::new(incoming).lines();
    // A door that has closed already takes nothing.
    let _ = outgoing.write_all(environment.as_bytes()).await;
    let mut told = Vec::new();
    while let Ok(Some(command)) = lines.next_line().await {
        let reply = replies.get(told.len()).or(replies.last());
        told.push(command);
        if let Some(reply) = reply {
            let _ = outgoing.write_all(reply.as_bytes()).await;
        }
    }
    told
}

const DONE: &[&str] = &["200 result=1\n"];

fn set(name: &str, value: &str) -> String {
    format!("SET VARIABLE SEKIMORI_{name} \"{value}\"")
}

#[tokio::test]
async fn a_verdict_is_set_last_and_the_switch_is_asked_for_what_is_true() {
    let bench = bench(Script::of(Ruling::Allow, Some(900))).await;
    let told = call(bench.address, FORWARDED, DONE).await;
    let expected = [
        set("MAX_SECONDS", "900"),
        set("REF", &Ref(0x0123_4567_89ab_cdef).to_string()),
        set("VERDICT", "allow"),
    ];
    assert_eq!(told, expected);
    let heard = bench.heard.lock().expect("no panic").clone();
    let asked = "ask pbx16-1795340217.64 office carrier 01025261234567 forward:1002 \
                 +819011112222 Impossible Impossible";
    assert_eq!(heard, [asked]);
    bench.shutdown.send(true).expect("it listens");
    bench.serving.await.expect("it ends");
}

#[tokio::test]
async fn no_limit_is_empty_and_a_refusal_grants_nothing() {
    let home = bench(Script::of(Ruling::Allow, None)).await;
    assert_eq!(call(home.address, FORWARDED, DONE).await[0], set("MAX_SECONDS", ""));
    let refused = bench(Script::of(Ruling::Refuse, None)).await;
    let told = call(refused.address, FORWARDED, DONE).await;
    assert_eq!((&told[0], &told[2]), (&set("MAX_SECONDS", "0"), &set("VERDICT", "refuse")));
}

#[tokio::test]
async fn a_shard_that_hangs_is_answered_for_by_the_fail_mode() {
    let asleep = Script { is_awake: false, ..Script::of(Ruling::Allow, None) };
    let bench = bench(asleep).await;
    let told = call(bench.address, FORWARDED, DONE).await;
    assert_eq!(told.last(), Some(&set("VERDICT", "refuse")), "a country it never called");
    assert_eq!(bench.vitals.failed_over.get(), 1);
}

#[tokio::test]
async fn whoever_is_silent_or_slow_is_closed_in_time() {
    assert!(TIME_MAX < Duration::from_millis(300), "the contract's time");
    let bench = bench(Script::of(Ruling::Allow, None)).await;
    let silent = call(bench.address, "", &[]);
    let half = call(bench.address, "agi_network: yes\nagi_net", &[]);
    let mute = call(bench.address, FORWARDED, &[]);
    let (silent, half, mute) = tokio::join!(silent, half, mute);
    assert_eq!((silent.len(), half.len()), (0, 0));
    assert_eq!(mute, [set("MAX_SECONDS", "")], "and no verdict");
}

#[tokio::test]
async fn what_is_no_agi_or_too_much_is_closed_and_counted() {
    let bench = bench(Script::of(Ruling::Allow, None)).await;
    let huge = format!("agi_network: yes\nagi_callerid: {}\n", "9".repeat(20_000));
    for sent in [huge.as_str(), "GET / HTTP/1.1\r\nHost: a\r\n\r\n"] {
        assert_eq!(call(bench.address, sent, DONE).await.len(), 0);
    }
    let noise = call(bench.address, FORWARDED, &["hello\n"]).await;
    assert_eq!(noise.len(), 1);
    assert_eq!(bench.vitals.undecoded[crate::serve::ask::Door::Agi as usize].get(), 3);
}

#[tokio::test]
async fn a_command_that_is_refused_leaves_no_verdict() {
    let bench = bench(Script::of(Ruling::Allow, Some(60))).await;
    let usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: SET VARIABLE\n\
                 520 End of proper usage.\n";
    for reply in ["510 Invalid or unknown command\n", "511 Command Not Permitted\n", usage] {
        let told = call(bench.address, FORWARDED, &["200 result=1\n", reply]).await;
        assert_eq!(told.len(), 2, "{reply}");
    }
}

#[tokio::test]
async fn a_caller_who_hangs_up_gives_back_what_was_granted() {
    let bench = bench(Script::of(Ruling::Allow, Some(900))).await;
    let told = call(bench.address, FORWARDED, &["HANGUP\n200 result=1\n", "200 result=1\n"]).await;
    assert_eq!(told.len(), 3);
    let heard = bench.heard.lock().expect("no panic").clone();
    let ended = format!("{:?} pbx16-1795340217.64", Happened::Ended { cause: None });
    assert_eq!(heard.last(), Some(&ended));
    let gone = FORWARDED.replace("agi_rdnis", "HANGUP\nagi_rdnis");
    assert_eq!(call(bench.address, &gone, DONE).await.len(), 0, "nobody is left to be told");
}

#[tokio::test]
async fn without_an_account_nothing_is_asked_and_the_console_says_why() {
    let bench = bench(Script::of(Ruling::Allow, None)).await;
    let nameless = FORWARDED.replace("agi_arg_1: office", "agi_arg_1: ");
    let told = call(bench.address, &nameless, DONE).await;
    assert_eq!(told.len(), 1);
    assert!(told[0].starts_with("VERBOSE \"Sekimori has no verdict: no account"), "{told:?}");
    assert!(bench.heard.lock().expect("no panic").is_empty());
}

#[tokio::test]
async fn who_is_not_listed_or_finds_no_room_is_closed_at_once() {
    let bench = bench(Script::of(Ruling::Allow, None)).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let own = listener.local_addr().expect("an address");
    let stranger: SocketAddr = "192.0.2.7:5060".parse().expect("an address");
    let connection = async || {
        let (near, far) = tokio::join!(TcpStream::connect(own), listener.accept());
        (near.expect("a connection"), far.expect("a connection").0)
    };
    let (near, far) = connection().await;
    bench.door.receive(Ok((far, stranger))).await;
    assert_eq!(converse(near, FORWARDED, DONE).await.len(), 0);
    assert_eq!(bench.vitals.unlisted.get(), 1);
    let room = Arc::clone(&bench.door.rooms).try_acquire_owned().expect("there is room for one");
    let (near, far) = connection().await;
    bench.door.receive(Ok((far, own))).await;
    assert_eq!(converse(near, FORWARDED, DONE).await.len(), 0);
    assert_eq!(bench.vitals.requests_refused.get(), 1);
    drop(room);
    let (near, far) = connection().await;
    bench.door.receive(Ok((far, own))).await;
    assert_eq!(converse(near, FORWARDED, DONE).await.len(), 3);
}

#[tokio::test]
async fn answers_and_ends_are_passed_on() {
    let bench = bench(Script::of(Ruling::Allow, None)).await;
    let report = |script: &str| {
        format!(
            "agi_network: yes\nagi_network_script: {script}\nagi_uniqueid: 9.9\n\
                 agi_arg_1: 1.1\nagi_arg_2: office\nagi_arg_3: 16\n\n"
        )
    };
    assert_eq!(call(bench.address, &report("answer"), DONE).await.len(), 0);
    assert_eq!(call(bench.address, &report("end"), DONE).await.len(), 0);
    let heard = bench.heard.lock().expect("no panic").clone();
    assert_eq!(heard, ["Answered 1.1", "Ended { cause: Some(16) } 1.1"]);
}

#[tokio::test]
async fn a_pin_is_checked_five_times_and_no_more() {
    let pin = Some(pins::hash("4711").expect("digits"));
    let bench = bench(Script { pin, ..Script::of(Ruling::Allow, Some(600)) }).await;
    let proof = |call_id: &str, pin: &str| {
        format!(
            "agi_network: yes\nagi_network_script: challenge\nagi_arg_1: {call_id}\n\
                 agi_arg_2: office\nagi_arg_3: {pin}\n\n"
        )
    };
    let verdict = |told: Vec<String>| told.last().cloned().expect("it answers");
    let right = call(bench.address, &proof("1.1", "4711"), DONE).await;
    assert_eq!(
        (&right[0], verdict(right.clone())),
        (&set("MAX_SECONDS", "600"), set("VERDICT", "allow"))
    );
    for _ in 0..5 {
        let wrong = call(bench.address, &proof("1.1", "0815"), DONE).await;
        assert_eq!(verdict(wrong), set("VERDICT", "challenge"));
    }
    let late = call(bench.address, &proof("1.1", "4711"), DONE).await;
    assert_eq!(verdict(late), set("VERDICT", "refuse"), "the right one comes too late");
    let unknown = call(bench.address, &proof("2.2", "4711"), DONE).await;
    assert_eq!(verdict(unknown), set("VERDICT", "challenge"), "as a wrong one does");
}
