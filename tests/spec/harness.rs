//! The part of the test protocol that `cargo test` and nextest rely on: a list of names, filters, one line per test,
//! the closing line. The suite prints its counts as it goes, which the built-in harness would hide.

pub struct Test {
    pub name: String,
    pub run: Box<dyn FnOnce() -> Result<(), String>>,
}

/// Runs the tests that the arguments select and returns the exit code.
pub fn run(tests: Vec<Test>) -> i32 {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let has = |flag: &str| arguments.iter().any(|argument| argument == flag);
    let selected: Vec<Test> =
        tests.into_iter().filter(|test| is_selected(&test.name, &arguments)).collect();
    if has("--list") {
        // Nextest asks a second time for the ignored ones: there are none.
        for test in selected.iter().filter(|_| !has("--ignored")) {
            println!("{}: test", test.name);
        }
        return 0;
    }
    println!("\nrunning {} tests", selected.len());
    let (mut passed, mut failed) = (0, Vec::new());
    for test in selected {
        match (test.run)() {
            Ok(()) => {
                passed += 1;
                println!("test {} ... ok", test.name);
            }
            Err(message) => {
                println!("test {} ... FAILED: {message}", test.name);
                failed.push(test.name);
            }
        }
    }
    let verdict = if failed.is_empty() { "ok" } else { "FAILED" };
    println!(
        "\ntest result: {verdict}. {passed} passed; {} failed; 0 ignored; 0 measured; 0 filtered out",
        failed.len()
    );
    i32::from(!failed.is_empty()) * 101
}

/// Arguments without a dash are filters; values of options that take one are none.
fn is_selected(name: &str, arguments: &[String]) -> bool {
    const WITH_VALUE: &[&str] =
        &["--format", "--test-threads", "--color", "--logfile", "--skip", "-Z"];
    let exact = arguments.iter().any(|argument| argument == "--exact");
    let mut filters = Vec::new();
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if WITH_VALUE.contains(&argument.as_str()) {
            arguments.next();
        } else if !argument.starts_with('-') {
            filters.push(argument);
        }
    }
    let hit = |filter: &&String| {
        if exact { name == filter.as_str() } else { name.contains(filter.as_str()) }
    };
    filters.is_empty() || filters.iter().any(hit)
}
