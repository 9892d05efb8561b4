//! The door against a scripted shard: what each request asks of the guard, what is answered, and
//! what hostile requests come to. Real sockets on loopback, on ports that the system gives.

mod access;
mod bounds;
mod client;
mod contract;
mod described;
mod encrypted;
mod hostile;
mod page;
mod played;
mod proofs;
mod script;
mod streams;
