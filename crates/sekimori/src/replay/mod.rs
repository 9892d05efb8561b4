//! `sekimori replay`: recorded calls through the same engine that guards live calls.
//!
//! The input side reads files ([`source`], [`unpack`]), brings rows into the order in which
//! they happened ([`order`], [`window`], [`merge`], [`spill`]), counts a call once
//! ([`repeats`]) and hands rows on in batches ([`feed`]).

pub mod accounts;
pub mod feed;
pub mod merge;
pub mod order;
pub mod outlet;
pub mod problems;
pub mod repeats;
pub mod row;
pub mod source;
pub mod spill;
pub mod unpack;
pub mod window;
