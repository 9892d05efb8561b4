//! `sekimori replay`: recorded calls through the same engine that guards live calls.
//!
//! The input side reads files ([`source`], [`unpack`]), brings rows into the order in which
//! they happened ([`order`], [`window`], [`merge`], [`spill`]), counts a call once
//! ([`repeats`]) and hands rows on in batches ([`feed`]).
//!
//! The judge's side asks the engine and tells it what happened when ([`judge`], [`followed`]),
//! works out what was paid ([`settle`]) and writes lines in the order of the calls ([`lines`],
//! [`in_order`]). [`pipeline`] puts both together.

pub mod accounts;
pub mod again;
pub mod customers;
pub mod feed;
pub mod followed;
pub mod gauge;
pub mod in_order;
pub mod json;
pub mod judge;
pub mod lines;
pub mod merge;
pub mod order;
pub mod order_line;
pub mod outlet;
pub mod pipeline;
pub mod problems;
pub mod reader;
pub mod repeats;
pub mod row;
pub mod settle;
pub mod source;
pub mod spill;
pub mod standing;
pub mod table;
pub mod together;
pub mod unpack;
pub mod verdict_line;
pub mod window;
