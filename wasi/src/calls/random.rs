//! `random_get`

use crate::call::{Call, Outcome};
use crate::errno::Errno;
use crate::random::Random;

/// Bytes that the host makes at once. It gets no pointer into the guest's memory, which may move while it runs.
const PIECE: usize = 1024;

pub fn get(call: &Call, buffer: u32, len: u32) -> Outcome {
    let bytes = call.memory()?.bytes(buffer, len)?;
    let (function, env) = match &call.context.random {
        Random::System => return Ok(Random::fill_from_system(bytes)?),
        Random::Host(function, env) => (function, env),
    };
    let mut piece = [0; PIECE];
    let mut done = 0;
    while done < len as usize {
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
