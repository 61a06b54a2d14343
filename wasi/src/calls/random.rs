//! `random_get`

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::guest::Bytes;
use crate::host::Env;
use crate::random::{FillRandom, Random};

/// Bytes that the host makes at once. It gets no pointer into the guest's memory, which may move while it runs.
const PIECE: usize = 1024;

/// Bytes that the system makes before deadlines and interrupts are looked at.
const UNINTERRUPTED: usize = 1 << 20;

pub fn get(call: &Call, buffer: u32, len: u32) -> Outcome {
    let bytes = call.memory()?.bytes(buffer, len)?;
    match &call.context.random {
        Random::System => from_system(call, bytes),
        Random::Host(function, env) => from_host(call, buffer, len, *function, env),
    }
}

fn from_system(call: &Call, bytes: Bytes) -> Outcome {
    for start in (0..bytes.len()).step_by(UNINTERRUPTED) {
        if start != 0 {
            call.check()?;
        }
        Random::fill_from_system(bytes.part(start, UNINTERRUPTED))?;
    }
    Ok(())
}

fn from_host(call: &Call, buffer: u32, len: u32, function: FillRandom, env: &Env) -> Outcome {
    let mut piece = [0; PIECE];
    let mut done = 0;
    while done < len as usize {
        call.check()?;
        let n = PIECE.min(len as usize - done);
        // SAFETY: the host's function, with its environment and room for `n` bytes.
        if !unsafe { function(env.data(), piece.as_mut_ptr(), n) } {
            return Err(Errno::Io.into());
        }
        call.memory()?.bytes(buffer, len)?.part(done, n).copy_from(&piece[..n]);
        done += n;
    }
    Ok(())
}
