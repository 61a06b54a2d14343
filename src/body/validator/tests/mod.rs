//! Agreement with wasmparser's validator about every body: verdict, byte offset, kind of error, message.

mod modules;
mod peer;

use modules::{Random, changed_body, generated, real, suite};
use peer::Both;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// How long the tests with random changes run together; a variable of the environment, in seconds.
fn time() -> Duration {
    let seconds = std::env::var("WASMRT_VALIDATION_SECONDS").ok();
    Duration::from_secs(seconds.map_or(4, |seconds| seconds.parse().unwrap()))
}

#[test]
fn bodies_of_the_specification_suite_are_judged_alike() {
    let mut bodies = 0;
    for bytes in suite() {
        let Some(both) = Both::new(&bytes) else { continue };
        both.compare_all();
        bodies += both.bodies();
    }
    assert!(bodies > 10_000, "{bodies} bodies");
}

#[test]
fn generated_bodies_are_judged_alike() {
    for seed in 0..100 {
        let both = Both::new(&generated(seed)).unwrap();
        both.compare_all();
    }
}

/// Bytes of real code, of the suite and of generated code are changed, one body at a time.
#[test]
fn changed_bodies_are_judged_alike() {
    let begin = Instant::now();
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos() as u64;
    println!("seed {seed}");
    let mut random = Random::new(seed);
    let mut small: Vec<Both> = suite().iter().filter_map(|bytes| Both::new(bytes)).collect();
    small.extend((0..20).filter_map(|_| Both::new(&generated(random.next()))));
    small.retain(|both| both.bodies() > 0);
    let mut real: Vec<Both> =
        real().iter().map(|bytes| Both::new(bytes).expect("a module that is known")).collect();
    println!("{} small modules, {} real ones", small.len(), real.len());
    let (mut cases, mut refused) = (0, 0);
    while begin.elapsed() < time() {
        // Of the real ones there are few, but they are large.
        let modules = if random.below(2) == 0 { &mut small } else { &mut real };
        let which = random.below(modules.len());
        let both = &mut modules[which];
        for _ in 0..20 {
            let body = random.below(both.bodies() as usize) as u32;
            let original = both.body(body).to_vec();
            both.body_mut(body).copy_from_slice(&changed_body(&original, &mut random));
            refused += u32::from(!both.compare(body));
            both.body_mut(body).copy_from_slice(&original);
            cases += 1;
        }
    }
    println!("{cases} cases, {refused} refused");
    assert!(cases > 1000 && refused > 100);
}
