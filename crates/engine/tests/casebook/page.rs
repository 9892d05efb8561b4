//! A casebook page: Markdown whose `##` sections are cases. In a case, list items of the form
//! `- key: value` say what the account is like, and a table has the calls in order. Everything
//! else is prose for the reader.

use std::collections::BTreeMap;

/// One case of a page.
#[derive(Debug)]
pub struct Case {
    /// The section's heading.
    pub title: String,
    /// What the account is like: key, value, line of the page.
    pub given: Vec<(String, String, usize)>,
    /// The table's rows.
    pub rows: Vec<Row>,
}

/// One row: its cells by the column's heading, lower case. Empty cells are left out.
#[derive(Debug)]
pub struct Row {
    /// Line of the page, from 1.
    pub line: usize,
    cells: BTreeMap<String, String>,
}

impl Row {
    /// The cell of this column, unless it is empty or there is no such column.
    pub fn get(&self, column: &str) -> Option<&str> {
        self.cells.get(column).map(String::as_str)
    }

    /// The columns that have something in this row.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.cells.keys().map(String::as_str)
    }
}

/// The cases of a page.
pub fn cases(text: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    let mut columns: Vec<String> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if let Some(title) = line.strip_prefix("## ") {
            cases.push(Case { title: title.to_owned(), given: Vec::new(), rows: Vec::new() });
        }
        let Some(case) = cases.last_mut() else { continue };
        if !line.starts_with('|') {
            columns.clear();
        }
        if let Some((key, value)) = line.strip_prefix("- ").and_then(|item| item.split_once(": ")) {
            case.given.push((key.trim().to_owned(), value.trim().to_owned(), number));
        } else if line.starts_with('|') {
            let cells = cells(line);
            let is_rule = cells.iter().all(|cell| cell.chars().all(|c| "-: ".contains(c)));
            if columns.is_empty() {
                columns = cells.iter().map(|cell| cell.to_lowercase()).collect();
            } else if !is_rule {
                let named = columns.iter().cloned().zip(cells);
                let cells = named.filter(|(_, cell)| !cell.is_empty()).collect();
                case.rows.push(Row { line: number, cells });
            }
        }
    }
    cases.retain(|case| !case.rows.is_empty());
    cases
}

fn cells(line: &str) -> Vec<String> {
    line.trim_matches('|').split('|').map(|cell| cell.trim().to_owned()).collect()
}
