//! Rows a second of each record format on one thread: `cargo run --release -p
//! sekimori-switches --example record_speed`. The rows are made in memory; the decoder is fed
//! in chunks of 1 MiB, and every field it gives is looked at.

use sekimori_switches::records::{Decoded, Decoder, Format, Last, Options};
use std::fmt::Write;
use std::time::Instant;

const N_ROWS: u32 = 400_000;
const CHUNK: usize = 1 << 20;

fn main() {
    for (format, name, text) in [(Format::Generic, "generic", generic())] {
        let best = (0..5).map(|_| seconds(format, &text)).fold(f64::MAX, f64::min);
        let rows = f64::from(N_ROWS) / best;
        let bytes = text.len() as f64 / f64::from(N_ROWS);
        println!("{name:<24} {:>10.0} rows/s  {bytes:>5.0} bytes/row", rows);
    }
}

fn seconds(format: Format, text: &str) -> f64 {
    let started = Instant::now();
    let mut decoder = Decoder::new(format, &Options::default()).expect("a format of rows");
    let (mut n_calls, mut seen) = (0, 0);
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let n = CHUNK.min(rest.len());
        let last = if n == rest.len() { Last::Yes } else { Last::No };
        let used = decoder.decode(&rest[..n], last, &mut |_, decoded| {
            if let Decoded::Call(call) = decoded {
                n_calls += 1;
                seen += call.dialled.len() as i64 + call.start.at.0 + call.trunk.len() as i64;
            }
        });
        rest = &rest[used..];
    }
    assert_eq!(n_calls, N_ROWS, "every row is a call (seen {seen})");
    started.elapsed().as_secs_f64()
}

/// The time of day `n` seconds after midnight.
fn clock(n: u32) -> String {
    format!("{:02}:{:02}:{:02}", n / 3600, n / 60 % 60, n % 60)
}

fn generic() -> String {
    let mut text = "call_id,account,dialled,start,answer,end,line,caller,source_ip,user_agent,forwarded_from,trunk,disposition\n".to_owned();
    for n in 0..N_ROWS {
        let day = n % 86_000;
        let (start, answer, end) = (clock(day), clock(day + 4), clock(day + 36));
        let _ = writeln!(
            text,
            "call-{n:08},account-{:05},0033010232{n:08},2015-03-13T{start}+09:00,2015-03-13T{answer}+09:00,2015-03-13T{end}+09:00,{},0312345678,203.0.113.{},Yealink T46S,,carrier-1,answered",
            n % 10_000,
            200 + n % 50,
            n % 250
        );
    }
    text
}
