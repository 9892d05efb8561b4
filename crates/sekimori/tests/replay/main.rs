//! `sekimori replay` as a program: files in, files and a report out.

mod damaged;
mod outputs;
mod past;
mod report;
mod support;
