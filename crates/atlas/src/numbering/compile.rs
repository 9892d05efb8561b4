//! Makes the tree of digits out of `data/numbering.tsv`. Each pattern becomes a small
//! automaton; all automata of a calling code are walked together, digit by digit, and equal
//! subtrees are kept once.

use super::{Code, NOT_A_NUMBER, Node, Numbering, Region};
use crate::country::Country;
use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind};
use std::collections::{BTreeMap, HashMap};

/// The metadata, in the order in which libphonenumber asks.
const TABLE: &str = include_str!("../../data/numbering.tsv");

/// Premium rate, toll-free and so on: libphonenumber's order of asking, with the place in
/// [`super::TYPES`].
const ASKED: [(&str, u8); 8] = [
    ("premium", 4),
    ("toll_free", 3),
    ("shared_cost", 5),
    ("voip", 6),
    ("personal", 7),
    ("pager", OTHER),
    ("uan", OTHER),
    ("voicemail", OTHER),
];
const FIXED: u8 = 0;
const MOBILE: u8 = 1;
const FIXED_OR_MOBILE: u8 = 2;
const OTHER: u8 = 8;

/// Digits of a whole number, calling code included.
const N_DIGITS_MAX: usize = 15;

pub(super) fn compile() -> Numbering {
    let mut numbering =
        Numbering { codes: vec![None; 1_000], nodes: vec![DEAD], regions: Vec::new() };
    let mut plans: BTreeMap<u16, Vec<Shapes>> = BTreeMap::new();
    for shapes in read_table() {
        if let Some(region) = shapes.region() {
            numbering.regions.push(region);
        }
        plans.entry(shapes.calling_code).or_default().push(shapes);
    }
    let mut known = HashMap::from([(DEAD, 0)]);
    for (calling_code, regions) in &plans {
        let mut grower = Grower::new(*calling_code, regions, &mut numbering.nodes, &mut known);
        let root = grower.grow();
        numbering.codes[usize::from(*calling_code)] =
            Some(Code { root, main: regions[0].country, lengths: regions[0].general.lengths });
    }
    numbering
}

const DEAD: Node = Node { next: [0; 10], country: Country::shared(0), ends_as: NOT_A_NUMBER };

/// One region's rows of the table.
struct Shapes {
    country: Country,
    calling_code: u16,
    abroad: Option<&'static str>,
    trunk: &'static str,
    leading: Option<&'static str>,
    general: Shape,
    /// In the table's order: the order of asking, then fixed and mobile.
    kinds: Vec<(&'static str, Shape)>,
}

#[derive(Clone, Copy, Default)]
struct Shape {
    /// The bit `n` for `n` national digits.
    lengths: u32,
    pattern: &'static str,
}

fn read_table() -> Vec<Shapes> {
    let mut regions: Vec<Shapes> = Vec::new();
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let (word, rest) = line.split_once('\t').expect("each row has a word and a value");
        if word == "region" {
            regions.push(Shapes::named(rest));
            continue;
        }
        let region = regions.last_mut().expect("a region's row comes first");
        match word {
            "abroad" => region.abroad = Some(rest),
            "trunk" => region.trunk = rest,
            "leading" => region.leading = Some(rest),
            "general" => region.general = Shape::read(rest),
            _ => region.kinds.push((word, Shape::read(rest))),
        }
    }
    regions
}

impl Shapes {
    fn named(row: &'static str) -> Shapes {
        let (name, code) = row.split_once('\t').expect("a region has a name and a code");
        let calling_code = code.parse().expect("a calling code is a number");
        let country = Country::from_iso(name.as_bytes()).unwrap_or(Country::shared(calling_code));
        Shapes {
            country,
            calling_code,
            abroad: None,
            trunk: "",
            leading: None,
            general: Shape::default(),
            kinds: Vec::new(),
        }
    }

    fn region(&self) -> Option<Region> {
        let mut abroad = literals(&parse(self.abroad?));
        abroad.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        Some(Region {
            country: self.country,
            calling_code: self.calling_code,
            abroad,
            trunk: self.trunk.as_bytes().into(),
        })
    }

    fn kind(&self, name: &str) -> Option<Shape> {
        self.kinds.iter().find(|(kind, _)| *kind == name).map(|(_, shape)| *shape)
    }
}

impl Shape {
    fn read(text: &'static str) -> Shape {
        let (lengths, pattern) = text.split_once(' ').expect("lengths, a space, a pattern");
        let lengths =
            lengths.split(',').map(|n| 1 << n.parse::<u32>().expect("a length is a number")).sum();
        Shape { lengths, pattern }
    }
}

fn parse(pattern: &str) -> Hir {
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
    parser.parse(pattern).expect("the table's patterns are regular expressions over digits")
}

/// Every text that a finite pattern matches.
fn literals(pattern: &Hir) -> Vec<Box<[u8]>> {
    let mut automaton = Automaton::default();
    let accept = automaton.add(pattern);
    automaton.close();
    let mut found = Vec::new();
    let mut open = vec![(automaton.start(), Vec::new())];
    while let Some((states, text)) = open.pop() {
        if states.contains(&accept) {
            found.push(text.clone().into_boxed_slice());
        }
        for digit in 0..10 {
            let next = automaton.step(&states, digit);
            if !next.is_empty() {
                let mut text = text.clone();
                text.push(b'0' + digit);
                open.push((next, text));
            }
        }
    }
    found
}

/// Thompson's construction over digits, several patterns side by side.
#[derive(Default)]
struct Automaton {
    states: Vec<State>,
    starts: Vec<u32>,
    /// By state: those reached from it for nothing that lead on by a digit or end a pattern.
    closures: Vec<Vec<u32>>,
    /// By state: the last walk that came by.
    marks: Vec<u32>,
    walk: u32,
}

#[derive(Default)]
struct State {
    /// On these digits (the bit `d` for the digit `d`) to that state.
    digits: Option<(u16, u32)>,
    free: Vec<u32>,
}

impl Automaton {
    /// Adds a pattern; the state in which a whole match ends.
    fn add(&mut self, pattern: &Hir) -> u32 {
        let start = self.state();
        self.starts.push(start);
        self.join(pattern, start)
    }

    fn state(&mut self) -> u32 {
        self.states.push(State::default());
        self.states.len() as u32 - 1
    }

    fn digits(&mut self, from: u32, digits: u16) -> u32 {
        let to = self.state();
        let between = self.state();
        self.states[from as usize].free.push(between);
        self.states[between as usize].digits = Some((digits, to));
        to
    }

    fn join(&mut self, pattern: &Hir, from: u32) -> u32 {
        match pattern.kind() {
            HirKind::Empty | HirKind::Look(_) => from,
            HirKind::Literal(text) => {
                text.0.iter().fold(from, |at, byte| self.digits(at, digit_bit(*byte)))
            }
            HirKind::Class(class) => self.digits(from, class_bits(class)),
            HirKind::Capture(inner) => self.join(&inner.sub, from),
            HirKind::Concat(parts) => parts.iter().fold(from, |at, part| self.join(part, at)),
            HirKind::Alternation(choices) => {
                let end = self.state();
                for choice in choices {
                    let last = self.join(choice, from);
                    self.states[last as usize].free.push(end);
                }
                end
            }
            HirKind::Repetition(times) => {
                let mut at = from;
                for _ in 0..times.min {
                    at = self.join(&times.sub, at);
                }
                let end = self.state();
                self.states[at as usize].free.push(end);
                for _ in times.min..times.max.unwrap_or(N_DIGITS_MAX as u32) {
                    at = self.join(&times.sub, at);
                    self.states[at as usize].free.push(end);
                }
                end
            }
        }
    }

    /// To be called when all patterns are in, before [`Automaton::start`].
    fn close(&mut self) {
        self.marks = vec![0; self.states.len()];
        self.closures = (0..self.states.len() as u32).map(|state| self.closure(state)).collect();
    }

    fn closure(&mut self, from: u32) -> Vec<u32> {
        self.walk += 1;
        let mut reached = vec![from];
        let mut place = 0;
        while place < reached.len() {
            for free in &self.states[reached[place] as usize].free {
                if self.marks[*free as usize] != self.walk {
                    self.marks[*free as usize] = self.walk;
                    reached.push(*free);
                }
            }
            place += 1;
        }
        reached.retain(|state| {
            let state = &self.states[*state as usize];
            state.digits.is_some() || state.free.is_empty()
        });
        reached
    }

    fn start(&mut self) -> Vec<u32> {
        self.union(self.starts.clone().into_iter())
    }

    fn step(&mut self, states: &[u32], digit: u8) -> Vec<u32> {
        let Automaton { states: all, .. } = self;
        let next: Vec<u32> = states
            .iter()
            .filter_map(|state| match all[*state as usize].digits {
                Some((digits, to)) if digits & 1 << digit != 0 => Some(to),
                _ => None,
            })
            .collect();
        self.union(next.into_iter())
    }

    /// The closures of these states in one sorted set.
    fn union(&mut self, states: impl Iterator<Item = u32>) -> Vec<u32> {
        self.walk += 1;
        let mut set = Vec::new();
        for state in states {
            for reached in &self.closures[state as usize] {
                if self.marks[*reached as usize] != self.walk {
                    self.marks[*reached as usize] = self.walk;
                    set.push(*reached);
                }
            }
        }
        set.sort_unstable();
        set
    }
}

fn digit_bit(byte: u8) -> u16 {
    1_u16.checked_shl(u32::from(byte.wrapping_sub(b'0'))).unwrap_or(0) & 0x3ff
}

fn class_bits(class: &Class) -> u16 {
    let Class::Bytes(class) = class else { return 0 };
    class.ranges().iter().flat_map(|range| range.start()..=range.end()).map(digit_bit).sum()
}

/// Grows the tree of one calling code.
struct Grower<'a> {
    regions: &'a [Shapes],
    ends: Vec<Ends>,
    automaton: Automaton,
    n_digits_max: usize,
    nodes: &'a mut Vec<Node>,
    known: &'a mut HashMap<Node, u16>,
    /// By the states reached and how many digits were used: the node and the regions below.
    seen: HashMap<(usize, Vec<u32>), (u16, u32)>,
}

/// Adds each pattern once: the regions of a code have many in common.
struct Patterns<'a> {
    automaton: &'a mut Automaton,
    known: HashMap<&'static str, u32>,
}

impl Patterns<'_> {
    /// The state in which the pattern ends.
    fn end(&mut self, pattern: &'static str) -> u32 {
        let automaton = &mut *self.automaton;
        *self.known.entry(pattern).or_insert_with(|| automaton.add(&parse(pattern)))
    }

    /// The state of every number with these first digits.
    fn leading(&mut self, digits: &str) -> u32 {
        self.automaton.add(&parse(&format!(r"(?:{digits})\d*")))
    }
}

/// Where one region's patterns end.
struct Ends {
    leading: Option<u32>,
    general: (u32, u32),
    asked: Vec<((u32, u32), u8)>,
    fixed: Option<(u32, u32)>,
    mobile: Option<(u32, u32)>,
}

impl<'a> Grower<'a> {
    fn new(
        calling_code: u16,
        regions: &'a [Shapes],
        nodes: &'a mut Vec<Node>,
        known: &'a mut HashMap<Node, u16>,
    ) -> Grower<'a> {
        let mut automaton = Automaton::default();
        let mut patterns = Patterns { automaton: &mut automaton, known: HashMap::new() };
        let ends = regions.iter().map(|region| Ends::of(region, &mut patterns)).collect();
        automaton.close();
        let n_code_digits = calling_code.checked_ilog10().unwrap_or(0) as usize + 1;
        let n_digits_max = N_DIGITS_MAX - n_code_digits;
        Grower { regions, ends, automaton, n_digits_max, nodes, known, seen: HashMap::new() }
    }

    fn grow(&mut self) -> u16 {
        let start = self.automaton.start();
        self.node(0, start).0
    }

    /// The node for these states after `n` digits, and which regions have numbers below it.
    fn node(&mut self, n: usize, states: Vec<u32>) -> (u16, u32) {
        if states.is_empty() || n > self.n_digits_max {
            return (0, 0);
        }
        let key = (n, states);
        if let Some(seen) = self.seen.get(&key) {
            return *seen;
        }
        let states = &key.1;
        let end = self.ends.iter().enumerate().find_map(|(place, ends)| {
            ends.region_matches(n, states).then_some((place, ends.number_type(n, states)))
        });
        let (mut below, mut ends_as) = (0, NOT_A_NUMBER);
        if let Some((place, Some(number_type))) = end {
            (below, ends_as) = (1 << place, number_type);
        }
        let ends_in = below;
        let mut next = [0; 10];
        for digit in 0..10 {
            let child = self.automaton.step(&key.1, digit);
            let (node, regions) = self.node(n + 1, child);
            next[usize::from(digit)] = node;
            below |= regions;
        }
        let grown = (self.keep(next, ends_as, ends_in, below), below);
        self.seen.insert(key, grown);
        grown
    }

    fn keep(&mut self, next: [u16; 10], ends_as: u8, ends_in: u32, below: u32) -> u16 {
        if below == 0 {
            return 0;
        }
        let place = match (ends_in, below.count_ones()) {
            (0, 1) => below.trailing_zeros(),
            (0, _) => 0,
            _ => ends_in.trailing_zeros(),
        };
        let node = Node { next, country: self.regions[place as usize].country, ends_as };
        let nodes = &mut *self.nodes;
        *self.known.entry(node).or_insert_with(|| {
            nodes.push(node);
            u16::try_from(nodes.len() - 1).expect("the table has fewer than 65,536 nodes")
        })
    }
}

impl Ends {
    fn of(region: &Shapes, patterns: &mut Patterns<'_>) -> Ends {
        let mut add = |shape: Shape| (patterns.end(shape.pattern), shape.lengths);
        let general = add(region.general);
        let asked = ASKED
            .iter()
            .filter_map(|(name, number_type)| Some((add(region.kind(name)?), *number_type)))
            .collect();
        let fixed = region.kind("fixed").map(&mut add);
        let mobile = region.kind("mobile").map(&mut add);
        let leading = region.leading.map(|digits| patterns.leading(digits));
        Ends { leading, general, asked, fixed, mobile }
    }

    /// Whether libphonenumber takes a number to be this region's: by its leading digits where
    /// the region has a rule for these, else by having a type there.
    fn region_matches(&self, n: usize, states: &[u32]) -> bool {
        match self.leading {
            Some(leading) => states.contains(&leading),
            None => self.number_type(n, states).is_some(),
        }
    }

    fn number_type(&self, n: usize, states: &[u32]) -> Option<u8> {
        let matches = |(end, lengths): (u32, u32)| lengths & 1 << n != 0 && states.contains(&end);
        if !matches(self.general) {
            return None;
        }
        if let Some((_, number_type)) = self.asked.iter().find(|(end, _)| matches(*end)) {
            return Some(*number_type);
        }
        match (self.fixed.is_some_and(matches), self.mobile.is_some_and(matches)) {
            (true, true) => Some(FIXED_OR_MOBILE),
            (true, false) => Some(FIXED),
            (false, true) => Some(MOBILE),
            (false, false) => None,
        }
    }
}
