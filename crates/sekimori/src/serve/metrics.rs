//! `/metrics`: the counts and gauges of the guard as Prometheus reads them, written from the
//! atomics each time somebody asks. `docs/metrics.md` says what each is for.

mod page;
mod process;

use super::ask::Door;
use super::guard::Guard;
use super::vitals::Vitals;
use page::{Page, Sort};
use sekimori_engine::verdict::Ruling;
use sekimori_journal::Vitals as JournalVitals;

/// The page's media type: the text format, version 0.0.4, which everything reads.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

const RULINGS: [Ruling; 3] = [Ruling::Allow, Ruling::Challenge, Ruling::Refuse];

/// The journal's states, one of which is 1.
const JOURNAL_STATES: [&str; 6] = ["good", "full", "read_only", "damaged", "failing", "closed"];

/// The whole page.
pub fn exposition(guard: &Guard) -> String {
    whole(guard.vitals(), guard.journal().vitals())
}

fn whole(vitals: &Vitals, journal: &JournalVitals) -> String {
    let mut page = Page::default();
    about_doors(&mut page, vitals);
    about_calls(&mut page, vitals);
    about_journal(&mut page, vitals, journal);
    about_process(&mut page);
    page.text()
}

fn about_doors(page: &mut Page, vitals: &Vitals) {
    page.metric(
        "sekimori_verdicts_total",
        Sort::Counter,
        "Verdicts given, by door and ruling; those by the fail mode are among them.",
    );
    for door in Door::ALL {
        for ruling in RULINGS {
            let labels = [("door", door.as_str()), ("ruling", ruling.as_str())];
            page.sample(&labels, vitals.n_ruled(door, ruling));
        }
    }
    page.metric(
        "sekimori_repeats_total",
        Sort::Counter,
        "Questions that had been answered a moment before, by door: same answer, counted once.",
    );
    for door in Door::ALL {
        page.sample(&[("door", door.as_str())], vitals.n_repeated(door));
    }
    page.metric(
        "sekimori_undecoded_total",
        Sort::Counter,
        "Messages that could not be understood, by door.",
    );
    for door in Door::ALL {
        page.sample(&[("door", door.as_str())], vitals.undecoded[door as usize].get());
    }
    page.counter(
        "sekimori_unlisted_total",
        "Messages from addresses that are not listed as a switch; they get no answer.",
        vitals.unlisted.get(),
    );
    page.counter(
        "sekimori_fail_mode_total",
        "Verdicts by the fail mode, because the engine did not answer in its time.",
        vitals.failed_over.get(),
    );
    page.counter(
        "sekimori_requests_refused_total",
        "Requests refused for their rate, size or token.",
        vitals.requests_refused.get(),
    );
    page.histogram(
        "sekimori_decision_seconds",
        "From the question to the answer, in process.",
        &vitals.decision,
    );
    page.histogram(
        "sekimori_durable_seconds",
        "From a person's request (a stop, an answer) to its durable acknowledgement.",
        &vitals.durable,
    );
}

fn about_calls(page: &mut Page, vitals: &Vitals) {
    page.counter(
        "sekimori_late_events_total",
        "Answers and ends of calls that are not known.",
        vitals.late_events.get(),
    );
    page.counter(
        "sekimori_calls_closed_at_grant_total",
        "Calls closed at their grant because nobody told of their end.",
        vitals.closed_at_grant.get(),
    );
    page.counter(
        "sekimori_call_ids_reused_total",
        "Call ids used again for another number, or after the call's end.",
        vitals.ids_reused.get(),
    );
    page.gauge("sekimori_accounts", "Accounts known.", vitals.accounts.get());
    page.gauge("sekimori_calls_running", "Calls abroad that are up.", vitals.calls_running.get());
    page.gauge("sekimori_incidents_open", "Incidents open.", vitals.incidents_open.get());
    page.gauge("sekimori_restrictions", "Restrictions in force.", vitals.restrictions.get());
    page.gauge("sekimori_stops", "Customers' stops in force.", vitals.stops.get());
    page.metric(
        "sekimori_exposure_currency_units",
        Sort::Gauge,
        "Money at risk over all accounts, in the configured currency.",
    );
    page.thousandths(vitals.exposure.get());
    page.gauge(
        "sekimori_shard_last_turn_timestamp_seconds",
        "When the slowest shard last turned; it lags when a shard hangs.",
        vitals.last_turn(),
    );
}

fn about_journal(page: &mut Page, vitals: &Vitals, journal: &JournalVitals) {
    page.counter(
        "sekimori_verdicts_not_recorded_total",
        "Records that were lost because the journal had no room for them.",
        vitals.verdicts_not_recorded.get().max(journal.n_not_recorded()),
    );
    page.metric(
        "sekimori_journal_state",
        Sort::Gauge,
        "1 for the state that the journal is in, 0 for the others.",
    );
    let state = journal.state();
    for known in JOURNAL_STATES {
        page.sample(&[("state", known)], u64::from(known == state.word()));
    }
    page.counter(
        "sekimori_journal_records_total",
        "Records made durable since the start.",
        journal.n_records(),
    );
    page.counter("sekimori_journal_commits_total", "Commits since the start.", journal.n_commits());
    page.counter(
        "sekimori_journal_written_bytes_total",
        "Bytes of records made durable since the start.",
        journal.n_bytes(),
    );
    page.gauge(
        "sekimori_journal_head",
        "Sequence number of the last durable record.",
        journal.head(),
    );
    page.metric(
        "sekimori_journal_last_commit_seconds",
        Sort::Gauge,
        "How long the last commit took.",
    );
    page.millionths(journal.last_commit_us());
    page.gauge(
        "sekimori_journal_queued_batches",
        "Batches that wait to be written.",
        journal.n_queued(),
    );
    page.gauge(
        "sekimori_journal_held_bytes",
        "Bytes taken from the queue and not durable yet.",
        journal.n_bytes_held(),
    );
    page.gauge("sekimori_journal_wal_bytes", "Length of the write-ahead log.", journal.wal_bytes());
    page.counter(
        "sekimori_journal_snapshots_total",
        "Snapshots written since the start.",
        journal.n_snapshots(),
    );
    page.counter(
        "sekimori_journal_snapshots_dropped_total",
        "Snapshots that found no room or could not be written; a start takes longer without them.",
        journal.n_snapshots_dropped(),
    );
}

fn about_process(page: &mut Page) {
    page.metric("sekimori_build_info", Sort::Gauge, "Always 1; the version is in the label.");
    page.sample(&[("version", env!("CARGO_PKG_VERSION"))], 1);
    let Some(process) = process::Process::look() else { return };
    page.metric("process_cpu_seconds_total", Sort::Counter, "Processor time used.");
    page.hundredths(process.cpu_ticks);
    page.gauge("process_resident_memory_bytes", "Memory in use.", process.resident_bytes);
    page.gauge("process_open_fds", "Open files and sockets.", process.open_files);
    page.gauge(
        "process_start_time_seconds",
        "When the process was started, in Unix time.",
        process.started_at,
    );
}

#[cfg(test)]
mod tests;
