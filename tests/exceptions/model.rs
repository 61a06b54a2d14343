//! What a program does, by walking its tree.

use super::program::{Program, Statement, carried};
use std::rc::Rc;

/// Programs that take more steps are left out.
const MOST_STEPS: u32 = 20_000;

#[derive(Debug)]
pub struct Exception {
    tag: u32,
    values: Vec<u32>,
}

/// How a statement ends that is not followed by the next one.
enum Exit {
    /// Past this many more labels.
    Branch(u32),
    Return,
    /// Past this many more labels without looking at their clauses.
    Thrown(Rc<Exception>, u32),
    Trap,
    TooLong,
}

/// How a run ends.
#[derive(PartialEq, Eq, Debug)]
pub enum End {
    Returned,
    /// With the values of the exception.
    Uncaught(Vec<u32>),
    Trapped,
}

/// How the program ends, and its log; `None` if it takes too long.
pub fn run(program: &Program) -> Option<(End, u32)> {
    let mut machine = Machine { program, log: 1, steps: 0 };
    let end = match machine.call(0) {
        Ok(()) => End::Returned,
        Err(Exit::Thrown(exception, _)) => End::Uncaught(exception.values.clone()),
        Err(Exit::TooLong) => return None,
        Err(_) => End::Trapped,
    };
    Some((end, machine.log))
}

struct Machine<'p> {
    program: &'p Program,
    log: u32,
    steps: u32,
}

/// One function that runs.
#[derive(Default)]
struct Frame {
    x: u32,
    kept: Option<Rc<Exception>>,
    /// What the open clauses have caught, and `None` for every other label.
    labels: Vec<Option<Rc<Exception>>>,
}

type Flow = Result<(), Exit>;

impl Machine<'_> {
    fn log(&mut self, number: u32) {
        self.log = self.log.wrapping_mul(31).wrapping_add(number);
    }

    fn exception(&self, tag: u32) -> Rc<Exception> {
        let values = (0..carried(tag)).map(|i| self.log.wrapping_add(i)).collect();
        Rc::new(Exception { tag, values })
    }

    fn call(&mut self, function: usize) -> Flow {
        let mut frame = Frame { labels: vec![None], ..Frame::default() };
        match self.list(&self.program.functions[function], &mut frame) {
            Ok(()) | Err(Exit::Return) => Ok(()),
            // The labels of one function mean nothing to another.
            Err(Exit::Thrown(exception, _)) => Err(Exit::Thrown(exception, 0)),
            other => other,
        }
    }

    fn list(&mut self, statements: &[Statement], frame: &mut Frame) -> Flow {
        statements.iter().try_for_each(|statement| self.statement(statement, frame))
    }

    /// A list within a label, which is a clause if something was caught.
    fn within(
        &mut self,
        caught: Option<Rc<Exception>>,
        statements: &[Statement],
        frame: &mut Frame,
    ) -> Flow {
        frame.labels.push(caught);
        let flow = self.list(statements, frame);
        frame.labels.pop();
        flow
    }

    fn statement(&mut self, statement: &Statement, frame: &mut Frame) -> Flow {
        use Statement::*;
        self.steps += 1;
        if self.steps > MOST_STEPS {
            return Err(Exit::TooLong);
        }
        match statement {
            Log(number) => self.log(*number),
            Step(number) => {
                frame.x = frame.x.wrapping_mul(5).wrapping_add(*number);
                self.log(frame.x);
            }
            Throw { tag, .. } => return Err(Exit::Thrown(self.exception(*tag), 0)),
            Call(function) => return self.call(*function),
            Above(count, body) => {
                let below = frame.x;
                self.list(body, frame)?;
                (0..*count).for_each(|_| self.log(below));
            }
            Block(body) => return left(self.within(None, body, frame)),
            Loop(times, _, body) => {
                for _ in 0..*times {
                    left(self.within(None, body, frame))?;
                }
            }
            If(bit, then, otherwise) => {
                let taken = if self.log >> bit & 1 == 1 { then } else { otherwise };
                return left(self.within(None, taken, frame));
            }
            Branch(depth) => return Err(Exit::Branch(*depth)),
            Return => return Err(Exit::Return),
            Try(body, clauses) => return self.legacy_try(body, clauses, frame),
            Delegate(body, depth) => {
                return match self.within(None, body, frame) {
                    Err(Exit::Thrown(exception, 0)) => Err(Exit::Thrown(exception, *depth)),
                    flow => left(flow),
                };
            }
            Rethrow(depth) => {
                let at = frame.labels.len() - 1 - *depth as usize;
                let caught = frame.labels[at].clone().expect("a clause");
                return Err(Exit::Thrown(caught, 0));
            }
            TryTable { body, tag, keeps, clause } => {
                return self.try_table(body, *tag, *keeps, clause, frame);
            }
            ThrowKept => {
                return match &frame.kept {
                    Some(exception) => Err(Exit::Thrown(exception.clone(), 0)),
                    None => Err(Exit::Trap),
                };
            }
        }
        Ok(())
    }

    fn legacy_try(
        &mut self,
        body: &[Statement],
        clauses: &[(Option<u32>, Vec<Statement>)],
        frame: &mut Frame,
    ) -> Flow {
        let exception = match self.within(None, body, frame) {
            Err(Exit::Thrown(exception, 0)) => exception,
            flow => return left(flow),
        };
        let catches = |tag: Option<u32>| tag.is_none_or(|tag| tag == exception.tag);
        match clauses.iter().find(|(tag, _)| catches(*tag)) {
            Some((tag, clause)) => {
                if tag.is_some() {
                    exception.values.iter().rev().for_each(|value| self.log(*value));
                }
                left(self.within(Some(exception), clause, frame))
            }
            None => Err(Exit::Thrown(exception, 0)),
        }
    }

    fn try_table(
        &mut self,
        body: &[Statement],
        tag: Option<u32>,
        keeps: bool,
        clause: &[Statement],
        frame: &mut Frame,
    ) -> Flow {
        frame.labels.extend([None, None]);
        let flow = self.within(None, body, frame);
        frame.labels.pop();
        let flow = match flow {
            Err(Exit::Thrown(exception, 0)) if tag.is_none_or(|tag| tag == exception.tag) => {
                frame.kept = if keeps { Some(exception.clone()) } else { frame.kept.take() };
                if tag.is_some() {
                    exception.values.iter().rev().for_each(|value| self.log(*value));
                }
                self.list(clause, frame)
            }
            // Out of the `try_table` and the block around it.
            flow => left(left(flow)),
        };
        frame.labels.pop();
        left(flow)
    }
}

/// What becomes of an exit when a label is left.
fn left(flow: Flow) -> Flow {
    match flow {
        Err(Exit::Branch(0)) => Ok(()),
        Err(Exit::Branch(depth)) => Err(Exit::Branch(depth - 1)),
        Err(Exit::Thrown(exception, labels)) => {
            Err(Exit::Thrown(exception, labels.saturating_sub(1)))
        }
        flow => flow,
    }
}
