//! Any bytes as a FastAGI dialogue: no panic, bounded memory, and the same environment and
//! replies whether the bytes come at once or one by one.

#![no_main]

use libfuzzer_sys::fuzz_target;
use sekimori_switches::fastagi::{Command, Environment, Malformed, Reader, Reply, Request};

fuzz_target!(|bytes: &[u8]| {
    let (at_once, by_bytes) = (read(bytes, bytes.len().max(1)), read(bytes, 1));
    assert_eq!(at_once, by_bytes);
    let Some(environment) = at_once.0 else { return };
    let mut out = Vec::new();
    match Request::read(&environment) {
        Ok(Request::Ask(ask)) => {
            Command::SetVariable { name: &ask.line, value: &ask.account }.encode(&mut out);
        }
        Ok(_) => {}
        Err(why) => Command::Verbose(&why.to_string()).encode(&mut out),
    }
    assert!(out.iter().filter(|byte| **byte == b'\n').count() <= 1);
});

type Heard = (Option<Environment>, Vec<Reply>, Option<Malformed>);

fn read(bytes: &[u8], step: usize) -> Heard {
    let mut reader = Reader::default();
    let mut heard = (None, Vec::new(), None);
    for piece in bytes.chunks(step) {
        if let Err(why) = hear(&mut reader, piece, &mut heard) {
            heard.2 = Some(why);
            break;
        }
    }
    heard
}

fn hear(reader: &mut Reader, piece: &[u8], heard: &mut Heard) -> Result<(), Malformed> {
    reader.push(piece)?;
    if heard.0.is_none() {
        heard.0 = reader.environment()?;
    }
    if heard.0.is_some() {
        while let Some(reply) = reader.reply()? {
            heard.1.push(reply);
        }
    }
    Ok(())
}
