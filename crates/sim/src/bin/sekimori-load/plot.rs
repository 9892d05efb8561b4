//! A picture of a long run: memory and times over its seconds, as SVG.

use super::soak::Sample;
use std::fmt::Write;

const WIDTH: u64 = 800;
const HEIGHT: u64 = 160;
const LEFT: u64 = 70;

/// Three strips, one below the other.
pub fn svg(samples: &[Sample]) -> String {
    let strips: [(&str, Vec<u64>); 3] = [
        ("resident memory, MiB", samples.iter().map(|s| s.resident_kib / 1_024).collect()),
        ("p99 of each second, µs", samples.iter().map(|s| s.p99_us).collect()),
        ("longest of each second, µs", samples.iter().map(|s| s.longest_us).collect()),
    ];
    let height = (HEIGHT + 40) * strips.len() as u64;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n",
        WIDTH + LEFT + 20
    );
    let last = samples.last().map_or(0, |sample| sample.second);
    for (n, (title, values)) in strips.iter().enumerate() {
        let top = n as u64 * (HEIGHT + 40) + 20;
        let max = values.iter().copied().max().unwrap_or(0).max(1);
        let count = (values.len().max(2) - 1) as u64;
        let points: Vec<String> = values
            .iter()
            .enumerate()
            .map(|(at, value)| {
                let x = LEFT + at as u64 * WIDTH / count;
                format!("{x},{}", top + HEIGHT - value * HEIGHT / max)
            })
            .collect();
        let bottom = top + HEIGHT;
        let _ = writeln!(
            svg,
            "<text x=\"{LEFT}\" y=\"{}\">{title}</text>\n\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\">{max}</text>\n\
             <text x=\"{}\" y=\"{bottom}\" text-anchor=\"end\">0</text>\n\
             <path d=\"M{LEFT},{top}V{bottom}H{}\" fill=\"none\" stroke=\"#999\"/>\n\
             <polyline points=\"{}\" fill=\"none\" stroke=\"#05a\"/>",
            top - 6,
            LEFT - 6,
            top + 10,
            LEFT - 6,
            LEFT + WIDTH,
            points.join(" ")
        );
    }
    let _ = writeln!(
        svg,
        "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{last} s</text>\n</svg>",
        LEFT + WIDTH,
        height - 4
    );
    svg
}
