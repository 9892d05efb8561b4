//! The two tables of the terminal report, and the lists that stand for them where the
//! terminal is narrow.

use super::wrap::wrap;
use crate::report::story;
use crate::report::tally::{Incident, KeptCall, Tally};
use crate::report::words::{Words, clean, grouped};
use comfy_table::{
    CellAlignment, ColumnConstraint, ContentArrangement, LineStyle, Table, TableStyle, Width,
};
use sekimori_engine::verdict::Ruling;
use unicode_width::UnicodeWidthStr;

/// Incidents shown one by one.
const INCIDENTS_SHOWN_MAX: usize = 20;
/// Calls in the way shown one by one.
const CALLS_SHOWN_MAX: usize = 12;
/// Narrower than this, a list reads better than a table.
const TABLE_WIDTH_MIN: usize = 72;

/// A line under the header and nothing else.
const STYLE: TableStyle =
    TableStyle::new().header_separator(LineStyle::none().fill('─').junction('─'));

/// How a column takes its width.
#[derive(Clone, Copy)]
pub(crate) enum Fit {
    /// Text that may break over lines.
    Flexible,
    /// Text that stays on one line.
    Whole,
    /// Figures: on one line, to the right.
    Figures,
}

/// The incidents that cost most, in the order they opened.
pub(super) fn incidents(tally: &Tally, words: &Words, width: usize) -> String {
    let all = tally.incidents();
    let mut shown = all.clone();
    shown.sort_by_key(|incident| std::cmp::Reverse((incident.saved(), incident.stopped)));
    shown.truncate(INCIDENTS_SHOWN_MAX);
    shown.sort_by_key(|incident| (incident.opened_at, incident.id));
    let columns = [
        ("col-opened", Fit::Whole),
        ("col-account", Fit::Flexible),
        ("col-where", Fit::Flexible),
        ("col-stopped", Fit::Figures),
        ("col-time", Fit::Figures),
        ("col-before", Fit::Figures),
        ("col-saved", Fit::Figures),
    ];
    let rows = shown.iter().map(|incident| incident_row(incident, words)).collect();
    let mut text = lay_out(&columns, rows, words, width);
    let rest = tally.n_incidents() - shown.len() as u64;
    if rest > 0 {
        push_line(&mut text, &words.count("incidents-more", rest), width);
    }
    text
}

/// The first calls that were stopped outside any incident.
pub(super) fn in_the_way(tally: &Tally, words: &Words, width: usize) -> String {
    let columns = [
        ("col-when", Fit::Whole),
        ("col-account", Fit::Flexible),
        ("col-number", Fit::Whole),
        ("col-verdict", Fit::Flexible),
        ("col-why", Fit::Flexible),
    ];
    let calls = tally.in_the_way.kept().iter().take(CALLS_SHOWN_MAX);
    let rows: Vec<Vec<String>> = calls.map(|call| call_row(call, words)).collect();
    let rest = tally.in_the_way.n - rows.len() as u64;
    let mut text = lay_out(&columns, rows, words, width);
    if rest > 0 {
        push_line(&mut text, &words.count("way-more", rest), width);
    }
    text
}

/// Seconds from the first call of the run-up to the stop, in words.
pub(in crate::report) fn time_to_stop(incident: &Incident, words: &Words) -> String {
    match incident.seconds_to_stop {
        0 => words.text("at-once"),
        seconds => words.speech.seconds(u64::from(seconds)),
    }
}

/// A verdict in words.
pub(in crate::report) fn ruling(ruling: Ruling, words: &Words) -> String {
    words.text(match ruling {
        Ruling::Allow => "verdict-allow",
        Ruling::Challenge => "verdict-challenge",
        Ruling::Refuse => "verdict-refuse",
    })
}

fn incident_row(incident: &Incident, words: &Words) -> Vec<String> {
    vec![
        words.speech.moment_short(story::began(incident)),
        clean(&incident.account),
        story::whereto(incident, words),
        grouped(incident.stopped),
        time_to_stop(incident, words),
        words.speech.money(incident.cost_before_stop),
        words.speech.money(incident.saved()),
    ]
}

fn call_row(call: &KeptCall, words: &Words) -> Vec<String> {
    let number = call.destination.e164.map(|number| words.speech.number(number));
    let why = call.reasons.first().map(|reason| words.speech.say(&reason.why, reason));
    vec![
        words.speech.moment_short(call.at),
        clean(&call.account),
        number.unwrap_or_default(),
        ruling(call.ruling, words),
        why.unwrap_or_default(),
    ]
}

/// A table where there is room, a list where not. A column is its heading's key and its fit.
pub(crate) fn lay_out(
    columns: &[(&str, Fit)],
    rows: Vec<Vec<String>>,
    words: &Words,
    width: usize,
) -> String {
    let header: Vec<String> = columns.iter().map(|(key, _)| words.text(key)).collect();
    if width < TABLE_WIDTH_MIN {
        return list(&header, &rows, width);
    }
    let mut table = Table::new();
    table
        .load_style(STYLE)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(width as u16)
        .set_header(&header)
        .add_rows(&rows);
    for (column, (_, fit)) in table.column_iter_mut().zip(columns) {
        column.set_padding((0, 2));
        match fit {
            Fit::Flexible => {
                column.set_constraint(ColumnConstraint::LowerBoundary(Width::Fixed(8)));
            }
            Fit::Whole => {
                column.set_constraint(ColumnConstraint::ContentWidth);
            }
            Fit::Figures => {
                column.set_constraint(ColumnConstraint::ContentWidth);
                column.set_cell_alignment(CellAlignment::Right);
            }
        }
    }
    let text = table.trim_fmt();
    if text.lines().any(|line| line.width() > width) {
        return list(&header, &rows, width);
    }
    format!("{text}\n")
}

fn list(header: &[String], rows: &[Vec<String>], width: usize) -> String {
    let mut text = String::new();
    for row in rows {
        for (place, (name, value)) in header.iter().zip(row).enumerate() {
            let lead = if place == 0 { "- " } else { "  " };
            if value.is_empty() {
                continue;
            }
            for (n, line) in wrap(&format!("{name}: {value}"), width - 4).iter().enumerate() {
                text.push_str(if n == 0 { lead } else { "    " });
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    text
}

fn push_line(text: &mut String, sentence: &str, width: usize) {
    for line in wrap(sentence, width - 2) {
        text.push_str(&line);
        text.push('\n');
    }
}
